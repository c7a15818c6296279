using System.Collections.Immutable;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>
/// Runs the shards of one coordinator: one for each partition of its topic that this broker leads. Follows the metadata image on the
/// publisher's thread and leaves the work to the shards' mailboxes; commands come from any thread.
/// </summary>
public sealed class CoordinatorRuntime<TShard> : IDisposable
    where TShard : class, ICoordinatorShard
{
    private readonly CoordinatorOptions _options;
    private readonly PartitionHost _partitions;
    private readonly SemaphoreSlim _loads;
    private readonly ShardSite<TShard> _site;
    private volatile Assigned _assigned = new(Uuid.Zero, []);

    public CoordinatorRuntime(
        CoordinatorOptions options, ShardFactory<TShard> create, PartitionHost partitions, TimerQueue timers, TimeProvider time, ILogger logger)
    {
        _options = options;
        _partitions = partitions;
        _loads = new SemaphoreSlim(options.LoadsAtOnce);
        _site = new ShardSite<TShard>(options, create, timers, time, _loads, logger);
    }

    /// <summary>Name of the internal topic.</summary>
    public string Topic => _options.Topic;

    /// <summary>The partition that keeps a key: a group id, a transactional id; null while the topic does not exist.</summary>
    public int? PartitionOf(string key)
    {
        int count = _assigned.Hosts.Length;
        return count == 0 ? null : JavaHash.CoordinatorPartition(key, count);
    }

    /// <summary>Gives a command to the shard that keeps a key; the answer comes when what the command wrote is committed.</summary>
    public ValueTask<ShardAnswer<TResponse>> AskAsync<TResponse>(string key, Action<TShard, ShardStep, Reply<TResponse>> command)
        where TResponse : class
    {
        ImmutableArray<ShardHost<TShard>> hosts = _assigned.Hosts;
        return hosts.IsEmpty
            ? new(new ShardAnswer<TResponse>(ErrorCode.NotCoordinator, null))
            : hosts[JavaHash.CoordinatorPartition(key, hosts.Length)].AskAsync(command);
    }

    /// <summary>Gives a command to the shard of one partition.</summary>
    public ValueTask<ShardAnswer<TResponse>> AskAsync<TResponse>(int partition, Action<TShard, ShardStep, Reply<TResponse>> command)
        where TResponse : class
    {
        ImmutableArray<ShardHost<TShard>> hosts = _assigned.Hosts;
        return (uint)partition >= (uint)hosts.Length
            ? new(new ShardAnswer<TResponse>(ErrorCode.NotCoordinator, null))
            : hosts[partition].AskAsync(command);
    }

    /// <summary>Gives a command to every shard that this broker leads.</summary>
    public Task<ShardAnswer<TResponse>[]> AskAllAsync<TResponse>(Action<TShard, ShardStep, Reply<TResponse>> command)
        where TResponse : class =>
        Task.WhenAll(_assigned.Hosts.Where(host => host.IsLed).Select(host => host.AskAsync(command).AsTask()));

    /// <summary>Appends the marker that ends a transaction in one partition, and tells the shard; completes when it is committed.</summary>
    /// <returns>None, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, or why the log refused it.</returns>
    public Task<ErrorCode> WriteMarkerAsync(int partition, TransactionMarker marker)
    {
        ImmutableArray<ShardHost<TShard>> hosts = _assigned.Hosts;
        return (uint)partition >= (uint)hosts.Length ? Task.FromResult(ErrorCode.NotCoordinator) : hosts[partition].WriteMarkerAsync(marker);
    }

    /// <summary>Takes over the shards that are led here and follows the image from then on; after the partitions do.</summary>
    public void Follow(MetadataPublisher publisher) => publisher.Follow(Assign, Apply);

    /// <summary>Answers everybody who waits: the broker stops, clients look for another coordinator.</summary>
    public void Stop()
    {
        Assigned assigned = _assigned;
        _assigned = new(Uuid.Zero, []);
        foreach (ShardHost<TShard> host in assigned.Hosts)
            host.Stop();
    }

    public void Dispose() => _loads.Dispose();

    private void Apply(MetadataImage before, MetadataImage after, MetadataChanges changes)
    {
        Uuid topicId = _assigned.TopicId;
        if (changes.DeletedTopics.ContainsKey(topicId))
            Stop();
        if (after.Topic(_options.Topic) is { } topic && changes.ChangedTopics.Contains(topic.Id))
            Assign(after);
        if (!Concerns(changes))
            return;

        foreach (ShardHost<TShard> host in _assigned.Hosts)
        {
            if (host.IsLed)
                host.MetadataChanged(after, changes);
        }
    }

    private static bool Concerns(MetadataChanges changes) =>
        changes.ChangedTopics.Count > 0
        || changes.DeletedTopics.Count > 0
        || changes.ChangedConfigs.Count > 0
        || changes.ChangedBrokers.Count > 0
        || changes.HasFeatureChanges;

    private void Assign(MetadataImage image)
    {
        if (image.Topic(_options.Topic) is not { } topic)
            return;

        ImmutableArray<ShardHost<TShard>> known = _assigned.TopicId == topic.Id ? _assigned.Hosts : [];
        ImmutableArray<ShardHost<TShard>> hosts =
            [.. known, .. Enumerable.Range(known.Length, topic.Partitions.Length - known.Length).Select(index => new ShardHost<TShard>(_site, index))];
        for (int index = 0; index < hosts.Length; index++)
        {
            PartitionImage partition = topic.Partitions[index];
            _partitions.Find(topic.Id, index, out Partition? replica);
            if (partition.Leader == _options.BrokerId && replica is not null)
                hosts[index].Elect(replica, partition.LeaderEpoch, image);
            else
                hosts[index].Resign(partition.LeaderEpoch);
        }

        _assigned = new(topic.Id, hosts);
    }

    private sealed record Assigned(Uuid TopicId, ImmutableArray<ShardHost<TShard>> Hosts);
}
