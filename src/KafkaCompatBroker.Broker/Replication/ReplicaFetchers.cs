using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Types;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// Copies the replicas that this broker does not lead: <c>num.replica.fetchers</c> lanes for each leader, made when there is something to
/// follow. Told by <see cref="PartitionHost"/> what the metadata log says; any thread.
/// </summary>
public sealed class ReplicaFetchers
{
    private readonly ClusterView _cluster;
    private readonly string _listener;
    private readonly ReplicaFetchSite _site;
    private readonly Lock _lock = new();
    private readonly List<PeerConnections> _connections = [];
    private readonly Dictionary<(int LeaderId, int Index), ReplicaFetchLane> _lanes = [];
    private readonly Dictionary<TopicIdPartition, (FollowerCopy Copy, ReplicaFetchLane Lane)> _followed = [];
    private readonly int _receiveBufferBytes;
    private int _lanesPerLeader;
    private bool _isStopped;

    /// <param name="cluster">Where leaders are, and this broker's properties.</param>
    /// <param name="listener">The listener by which brokers reach each other.</param>
    /// <param name="brokerEpoch">The broker epoch now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Receives what operators should know.</param>
    public ReplicaFetchers(ClusterView cluster, string listener, Func<long> brokerEpoch, TimeProvider time, ILogger logger)
    {
        _cluster = cluster;
        _listener = listener;
        ConfigValues values = cluster.BrokerValues();
        _receiveBufferBytes = values.Int("replica.socket.receive.buffer.bytes");
        _lanesPerLeader = values.Int("num.replica.fetchers");
        FollowerLimits limits = new(
            cluster.NodeId,
            values.Int("replica.fetch.min.bytes"),
            values.Int("replica.fetch.max.bytes"),
            values.Int("replica.fetch.response.max.bytes"),
            values.Int("replica.fetch.wait.max.ms"),
            values.Int("replica.fetch.backoff.ms"));
        _site = new(limits, TimeSpan.FromMilliseconds(values.Int("replica.socket.timeout.ms")), brokerEpoch, time, logger);
    }

    /// <summary>Copies a replica from a leader; nothing changes when it does so already in that epoch.</summary>
    public void Follow(Partition partition, int leaderId, int leaderEpoch, ReplicationThrottle throttle)
    {
        lock (_lock)
        {
            TopicIdPartition id = new(partition.TopicId, partition.Name.Partition);
            if (_isStopped || (_followed.TryGetValue(id, out var known) && known.Copy.Partition == partition && known.Copy.LeaderId == leaderId && known.Copy.LeaderEpoch == leaderEpoch))
                return;

            Unfollow(partition);
            FollowerCopy copy = new(partition, leaderId, leaderEpoch, throttle);
            BrokerLog.Following(_site.Logger, partition.Name, leaderId, leaderEpoch, copy.Position.LogEndOffset);
            Start(id, copy);
        }
    }

    /// <summary>Spreads what is copied over another number of lanes for each leader.</summary>
    public void Resize(int lanesPerLeader)
    {
        lock (_lock)
        {
            if (_isStopped || lanesPerLeader == _lanesPerLeader)
                return;

            _lanesPerLeader = lanesPerLeader;
            foreach ((TopicIdPartition id, (FollowerCopy copy, ReplicaFetchLane lane)) in _followed.ToArray())
            {
                if (Lane(copy.LeaderId, IndexOf(copy.Partition.Name)) == lane)
                    continue;
                Unfollow(copy.Partition);
                Start(id, copy.Again());
            }
        }
    }

    /// <summary>Copies a replica no more: this broker leads it, nobody does, or it goes.</summary>
    public void Unfollow(Partition partition)
    {
        lock (_lock)
        {
            TopicIdPartition id = new(partition.TopicId, partition.Name.Partition);
            if (!_followed.Remove(id, out var known))
                return;
            known.Copy.Retire();
            known.Lane.Unfollow(id);
        }
    }

    /// <summary>Completes when no copy is written any more.</summary>
    public async Task StopAsync()
    {
        List<Task> stopping = [];
        lock (_lock)
        {
            _isStopped = true;
            foreach (ReplicaFetchLane lane in _lanes.Values)
                stopping.Add(lane.StopAsync());
            foreach (PeerConnections connection in _connections)
                connection.Dispose();
        }

        await Task.WhenAll(stopping).ConfigureAwait(false);
    }

    private void Start(TopicIdPartition id, FollowerCopy copy)
    {
        ReplicaFetchLane lane = Lane(copy.LeaderId, IndexOf(copy.Partition.Name));
        _followed[id] = (copy, lane);
        lane.Follow(copy);
    }

    private int IndexOf(TopicPartition name) => (int)((uint)((31 * JavaHash.Of(name.Topic)) + name.Partition) % (uint)_lanesPerLeader);

    private ReplicaFetchLane Lane(int leaderId, int index)
    {
        if (_lanes.TryGetValue((leaderId, index), out ReplicaFetchLane? lane))
            return lane;

        while (_connections.Count <= index)
            _connections.Add(new PeerConnections(_listener, $"broker-{_cluster.NodeId}-fetcher-{_connections.Count}", () => _cluster.Image, _receiveBufferBytes));
        return _lanes[(leaderId, index)] = new ReplicaFetchLane(leaderId, _connections[index], _site);
    }
}
