using System.Collections.Concurrent;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Files;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// The replicas of this broker. Follows the metadata image on the publisher's thread: opens, assigns, configures and deletes them
/// before clients can see the image. Requests look replicas up without a lock.
/// </summary>
public sealed class PartitionHost(BrokerConfig config, LogStore logs, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<string, HostedTopic> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Uuid, HostedTopic> _byId = new();
    private readonly int _brokerId = config.NodeId;
    private readonly TopicSettingsSource _settings = new(config.Resolver, config.NodeId);
    private readonly Lock _applying = new();
    private readonly HashSet<Uuid> _topicsWithOfflineReplicas = [];
    private volatile MetadataImage _image = MetadataImage.Empty;
    private ReplicaMoves? _moves;
    private LeaderSite? _site;

    /// <summary>Takes proposals of the leaders here to the controller.</summary>
    public Action<Partition, IsrProposal> Propose { get; init; } = static (_, _) => { };

    /// <summary>How long a follower may lag and still count.</summary>
    public long LagTimeMaxMs { get; } = config.Values.Long("replica.lag.time.max.ms");

    /// <summary>Copies what other brokers lead; null where nothing is copied.</summary>
    public ReplicaFetchers? Fetchers { get; init; }

    /// <summary>The broker whose replicas these are.</summary>
    public int BrokerId => _brokerId;

    /// <summary>Replicas on their way to another directory.</summary>
    public ReplicaMoves Moves => _moves ??= new ReplicaMoves(
        logs,
        name => Find(name.Topic, name.Partition, out Partition? partition) == ErrorCode.None ? partition : null,
        Throttles.Moves,
        time,
        logger);

    /// <summary>How fast records may be copied.</summary>
    public ReplicationThrottles Throttles { get; } = new(config.Values, time);

    /// <summary>Whether consumers are sent to a replica in their rack (KIP-392). Selectors other than Kafka's own cannot be loaded.</summary>
    public bool PrefersNearbyReplicas { get; } =
        config.Values.Text("replica.selector.class") == "org.apache.kafka.common.replica.RackAwareReplicaSelector";

    /// <summary>The image whose replicas are open.</summary>
    public MetadataImage Image => _image;

    /// <summary>The directories that hold replicas; the metadata log may have one of its own beside them.</summary>
    public IReadOnlyList<string> DataDirectories => config.LogDirectories;

    /// <summary>Every replica of this broker.</summary>
    public IEnumerable<Partition> Partitions
    {
        get
        {
            foreach ((_, HostedTopic topic) in _byId)
            {
                foreach (Partition? partition in topic.Partitions)
                {
                    if (partition is not null)
                        yield return partition;
                }
            }
        }
    }

    /// <summary>Finds a replica by topic name.</summary>
    /// <returns>UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER when other brokers hold it, KAFKA_STORAGE_ERROR, or none.</returns>
    public ErrorCode Find(string topic, int index, out Partition? partition)
    {
        partition = _byName.TryGetValue(topic, out HostedTopic? hosted) ? hosted.Find(index) : null;
        return partition is not null ? ErrorCode.None : WhyNot(_image.Topic(topic), index);
    }

    /// <summary>Finds a replica by topic id.</summary>
    /// <returns>UNKNOWN_TOPIC_ID, or as by name.</returns>
    public ErrorCode Find(Uuid topicId, int index, out Partition? partition)
    {
        partition = _byId.TryGetValue(topicId, out HostedTopic? hosted) ? hosted.Find(index) : null;
        if (partition is not null)
            return ErrorCode.None;

        TopicImage? topic = _image.Topic(topicId);
        return topic is null ? ErrorCode.UnknownTopicId : WhyNot(topic, index);
    }

    /// <summary>The placement of a partition that other brokers hold; null when it does not exist.</summary>
    public PartitionImage? Placement(string topic, int index) => _image.Topic(topic)?.Partition(index);

    /// <summary>The same by topic id.</summary>
    public PartitionImage? Placement(Uuid topicId, int index) => _image.Topic(topicId)?.Partition(index);

    /// <summary>Answers everybody who waits for a replica, because the broker stops: clients look for another leader.</summary>
    public void Stop()
    {
        Moves.Stop();
        foreach (Partition partition in Partitions)
            partition.Abandon(ErrorCode.NotLeaderOrFollower);
    }

    /// <summary>Where clients of a listener reach some brokers; those without that listener are left out.</summary>
    public IEnumerable<BrokerEndpoint> Endpoints(IEnumerable<int> brokers, string listener)
    {
        foreach (int id in brokers)
        {
            if (_image.Brokers.TryGetValue(id, out BrokerImage? broker) && broker.EndpointOf(listener) is { } endpoint)
                yield return new(id, endpoint.Host, endpoint.Port, broker.Rack);
        }
    }

    /// <summary>Loads the logs that are on disk; those that the cluster does not place here any more are set aside.</summary>
    public void Load(MetadataImage image)
    {
        logs.Load(
            name => _settings.Of(image, name.Topic).Log,
            (name, id) =>
            {
                TopicImage? topic = id == Uuid.Zero ? image.Topic(name.Topic) : image.Topic(id);
                return topic?.Partition(name.Partition)?.Replicas.Contains(_brokerId) != true;
            });
    }

    /// <summary>Takes over every replica of the newest image, and follows the publisher from then on.</summary>
    public void Follow(MetadataPublisher publisher) => publisher.Follow(
        image =>
        {
            MetadataChanges everything = new();
            everything.ChangedTopics.UnionWith(image.TopicsById.Keys);
            Apply(image, everything);
            ResizeFetchers(image);
            Moves.Resume();
        },
        (_, after, changes) => Apply(after, changes));

    /// <summary>Tries again to open replicas whose logs could not be created: there may be room on the disk by now.</summary>
    public void OpenOffline()
    {
        lock (_applying)
        {
            foreach (Uuid id in _topicsWithOfflineReplicas.ToArray())
            {
                if (_image.Topic(id) is { } topic && ApplyTopic(_image, topic))
                    _topicsWithOfflineReplicas.Remove(id);
            }
        }
    }

    private void Apply(MetadataImage image, MetadataChanges changes)
    {
        lock (_applying)
            ApplyLocked(image, changes);
    }

    private void ApplyLocked(MetadataImage image, MetadataChanges changes)
    {
        Throttles.Configure(image.DynamicConfigsOf(_brokerId));
        foreach (TopicImage topic in changes.DeletedTopics.Values)
            Delete(topic);
        foreach (Uuid id in changes.ChangedTopics)
        {
            if (image.Topic(id) is { } topic)
                ApplyTopic(image, topic);
        }

        if (changes.ChangedConfigs.Count > 0)
            ApplyConfigs(image, changes.ChangedConfigs);
        _image = image;
    }

    /// <summary>False when a replica is offline.</summary>
    private bool ApplyTopic(MetadataImage image, TopicImage topic)
    {
        bool isWhole = true;
        HostedTopic? hosted = _byId.GetValueOrDefault(topic.Id);
        TopicSettings? settings = null;
        Partition?[] partitions = new Partition?[topic.Partitions.Length];
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (int index = 0; index < partitions.Length; index++)
        {
            PartitionImage partition = topic.Partitions[index];
            Partition? replica = hosted?.Find(index);
            if (!partition.Replicas.Contains(_brokerId))
            {
                if (replica is not null)
                    Drop(replica);
                continue;
            }

            settings ??= _settings.Of(image, topic.Name);
            replica ??= Open(topic, index, partition, settings);
            partitions[index] = replica;
            isWhole &= replica is not null;
            if (replica is null)
                continue;
            replica.Throttled = settings.ThrottledRolesOf(index);
            replica.Assign(AssignmentOf(partition), settings.MinInSyncReplicas, nowMs);
            FollowLeader(replica, partition);
        }

        HostedTopic next = new(topic.Name, topic.Id, partitions);
        _byId[topic.Id] = next;
        _byName[topic.Name] = next;
        return isWhole;
    }

    private void ApplyConfigs(MetadataImage image, HashSet<ConfigResource> changed)
    {
        if (changed.Contains(ConfigResource.AllBrokers) || changed.Contains(ConfigResource.Broker(_brokerId)))
        {
            ResizeFetchers(image);
            foreach ((_, HostedTopic topic) in _byId)
                Configure(image, topic);
            return;
        }

        foreach (ConfigResource resource in changed)
        {
            if (resource.Type == ConfigResourceType.Topic && _byName.TryGetValue(resource.Name, out HostedTopic? topic))
                Configure(image, topic);
        }
    }

    private void ResizeFetchers(MetadataImage image) =>
        Fetchers?.Resize(config.Resolver.BrokerValues(image.DynamicConfigsOf(_brokerId)).Int("num.replica.fetchers"));

    private void Configure(MetadataImage image, HostedTopic topic)
    {
        TopicSettings settings = _settings.Of(image, topic.Name);
        foreach (Partition? partition in topic.Partitions)
        {
            if (partition is null)
                continue;
            partition.Throttled = settings.ThrottledRolesOf(partition.Name.Partition);
            partition.Configure(settings.Log, settings.MinInSyncReplicas);
        }
    }

    private void Delete(TopicImage topic)
    {
        _topicsWithOfflineReplicas.Remove(topic.Id);
        if (!_byId.TryRemove(topic.Id, out HostedTopic? hosted))
            return;

        // A topic of the same name may exist again, with another id.
        _byName.TryRemove(new KeyValuePair<string, HostedTopic>(topic.Name, hosted));
        foreach (Partition? partition in hosted.Partitions)
        {
            if (partition is not null)
                Drop(partition);
        }
    }

    private void FollowLeader(Partition replica, PartitionImage partition)
    {
        if (partition.Leader >= 0 && partition.Leader != _brokerId && !replica.Log.IsOffline)
            Fetchers?.Follow(replica, partition.Leader, partition.LeaderEpoch, Throttles.Followers);
        else
            Fetchers?.Unfollow(replica);
    }

    private void Drop(Partition partition)
    {
        Fetchers?.Unfollow(partition);
        partition.Abandon(ErrorCode.UnknownTopicOrPartition);
        logs.Delete(partition.Name);
    }

    private Partition? Open(TopicImage topic, int index, PartitionImage partition, TopicSettings settings)
    {
        TopicPartition name = new(topic.Name, index);
        try
        {
            bool isThere = logs.Find(name) is { } there && (there.TopicId == topic.Id || there.TopicId == Uuid.Zero);
            PartitionLog log = logs.GetOrCreate(name, topic.Id, settings.Log, isThere ? null : DirectoryFor(partition));
            log.Config = settings.Log;
            return new Partition(name, topic.Id, _brokerId, log, Site);
        }
        catch (Exception cause) when (cause is StorageException or DiskFullException)
        {
            if (_topicsWithOfflineReplicas.Add(topic.Id))
                BrokerLog.PartitionOffline(logger, cause, name);
            return null;
        }
    }

    /// <summary>The directory that the controller assigned, else the one of log.dirs with the fewest replicas.</summary>
    /// <exception cref="StorageException">The replica is in a directory that is offline: an empty one elsewhere must not take its place.</exception>
    private LogDirectory? DirectoryFor(PartitionImage partition)
    {
        Uuid assigned = partition.Directories[Array.IndexOf(partition.Replicas, _brokerId)];
        LogDirectory[] usable = [.. logs.Directories.Where(directory => !directory.IsOffline && DataDirectories.Contains(directory.Path))];
        if (usable.FirstOrDefault(directory => directory.Id == assigned) is { } wanted)
            return wanted;
        if (!assigned.IsReserved && logs.Directories.FirstOrDefault(static directory => directory.IsOffline) is { } failed)
            throw failed.Failure!;

        return usable.MinBy(static directory => directory.LogCount);
    }

    private LeaderSite Site => _site ??= new(id => _image.IsAlive(id), Propose, LagTimeMaxMs);

    private ErrorCode WhyNot(TopicImage? topic, int index)
    {
        if (topic?.Partition(index) is not { } partition)
            return ErrorCode.UnknownTopicOrPartition;
        return partition.Replicas.Contains(_brokerId) ? ErrorCode.KafkaStorageError : ErrorCode.NotLeaderOrFollower;
    }

    private static PartitionAssignment AssignmentOf(PartitionImage partition) =>
        new(partition.Leader, partition.LeaderEpoch, partition.PartitionEpoch, partition.Replicas, partition.Isr);
}
