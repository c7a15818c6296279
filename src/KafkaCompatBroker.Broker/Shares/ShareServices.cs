using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Handlers.Shares;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Shares;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Shares;

/// <summary>The share coordinator of a broker and what belongs to it, composed once (KIP-932).</summary>
public sealed class ShareServices
{
    private readonly CoordinatorRuntime<ShareStateShard> _runtime;
    private readonly PeerConnections _peers;
    private readonly ClusterView _cluster;
    private readonly EndOffsets _endOffsets;

    /// <param name="site">What coordinators of this broker share.</param>
    /// <param name="peerListener">The listener by which brokers reach each other.</param>
    public ShareServices(CoordinatorSite site, string peerListener)
    {
        _cluster = site.Cluster;
        ConfigValues values = _cluster.BrokerValues();
        TimeSpan requestTimeout = TimeSpan.FromMilliseconds(values.Int("request.timeout.ms"));
        CoordinatorOptions options = new()
        {
            BrokerId = _cluster.NodeId,
            Log = CoordinatorLog.Share,
            Topic = TopicName.ShareGroupState,
            CommitTimeoutMs = () => _cluster.BrokerValues().Int("share.coordinator.write.timeout.ms"),
            AppendLingerMs = values.Int("share.coordinator.append.linger.ms"),
            KeptBufferBytesMax = () => _cluster.BrokerValues().Int("share.coordinator.cached.buffer.max.bytes"),
            LoadBufferBytes = values.Int("share.coordinator.load.buffer.size"),
            LoadsAtOnce = Math.Min(values.Int("share.coordinator.threads"), Environment.ProcessorCount),
        };
        _peers = new PeerConnections(peerListener, $"broker-{_cluster.NodeId}-shares", () => _cluster.Image);
        _runtime = new CoordinatorRuntime<ShareStateShard>(options, (_, _) => new ShareStateShard(), site.Partitions, site.Timers, site.Time, site.Logger);
        _endOffsets = new EndOffsets(site.Partitions, _peers, requestTimeout);
        States = new ShareStates(_cluster, _runtime, _peers, requestTimeout);
    }

    /// <summary>Reads and deletes the state of share groups.</summary>
    public ShareStates States { get; }

    /// <summary>Registers what operators and brokers may ask.</summary>
    public HandlerTable AddToBroker(HandlerTable table, CoordinatorRuntime<GroupShard> groups) => table
        .Add<ShareGroupDescribeRequest, ShareGroupDescribeResponse, ShareGroupDescribeHandler>(new ShareGroupDescribeHandler(groups, _cluster))
        .Add<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, DescribeShareGroupOffsetsHandler>(
            new DescribeShareGroupOffsetsHandler(groups, _cluster, States, _endOffsets))
        .Add<ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse, ReadShareGroupStateSummaryHandler>(new ReadShareGroupStateSummaryHandler(States))
        .Add<DeleteShareGroupStateRequest, DeleteShareGroupStateResponse, DeleteShareGroupStateHandler>(new DeleteShareGroupStateHandler(States));

    /// <summary>Begins to coordinate; after the partitions follow the publisher.</summary>
    public void Follow(MetadataPublisher publisher) => _runtime.Follow(publisher);

    /// <summary>Sends everybody who waits to the next coordinator.</summary>
    public void Stop()
    {
        _runtime.Stop();
        _peers.Dispose();
    }
}
