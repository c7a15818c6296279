using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Handlers.Transactions;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Transactions;

/// <summary>The transaction coordinator of a broker and what belongs to it, composed once: shards, markers, connections to other brokers.</summary>
public sealed class TransactionServices
{
    private readonly CoordinatorRuntime<TransactionShard> _runtime;
    private readonly TransactionCoordinator _coordinator;
    private readonly MarkerWriter _writer;
    private readonly MarkerDelivery _delivery;
    private readonly PeerConnections _markerPeers;
    private readonly PeerConnections _verificationPeers;
    private readonly ClusterView _cluster;
    private readonly PartitionHost _partitions;

    /// <param name="site">What coordinators of this broker share.</param>
    /// <param name="producerIds">Gives out producer ids.</param>
    /// <param name="peerListener">The listener by which brokers reach each other.</param>
    /// <param name="groupMarkers">Writes a marker to one partition of the offsets topic.</param>
    public TransactionServices(CoordinatorSite site, ProducerIds producerIds, string peerListener, Func<int, TransactionMarker, Task<ErrorCode>> groupMarkers)
    {
        _cluster = site.Cluster;
        _partitions = site.Partitions;
        ConfigValues values = _cluster.BrokerValues();
        TimeSpan requestTimeout = TimeSpan.FromMilliseconds(values.Int("request.timeout.ms"));
        CoordinatorOptions options = new()
        {
            BrokerId = _cluster.NodeId,
            Log = CoordinatorLog.Transaction,
            Topic = TopicName.TransactionState,
            LoadBufferBytes = values.Int("transaction.state.log.load.buffer.size"),
            LoadsAtOnce = Environment.ProcessorCount,
            Effects = (partition, _, effect) => _delivery!.Deliver(partition, (WriteMarkers)effect),
        };
        // Two connections to each other broker: markers must not queue behind requests that wait for markers.
        _markerPeers = new PeerConnections(peerListener, $"broker-{_cluster.NodeId}-markers", () => _cluster.Image);
        _verificationPeers = new PeerConnections(peerListener, $"broker-{_cluster.NodeId}-verification", () => _cluster.Image);
        _runtime = new CoordinatorRuntime<TransactionShard>(
            options, (_, leaderEpoch) => new TransactionShard(leaderEpoch, Settings), site.Partitions, site.Timers, site.Time, site.Logger);
        _coordinator = new TransactionCoordinator(_runtime, producerIds);
        _writer = new MarkerWriter(site.Partitions, site.Timers, site.Time, groupMarkers, (int)requestTimeout.TotalMilliseconds);
        _delivery = new MarkerDelivery(site.Partitions, _coordinator, _writer, _markerPeers, site.Time, site.Logger);
        Verifier = new TransactionVerifier(_cluster, _coordinator, _verificationPeers, requestTimeout);
    }

    /// <summary>Asks coordinators about transactions, for those who write their records.</summary>
    public TransactionVerifier Verifier { get; }

    /// <summary>Registers what producers, brokers and operators may ask.</summary>
    public HandlerTable AddToBroker(HandlerTable table, CoordinatorRuntime<GroupShard> groups) => table
        .Add<InitProducerIdRequest, InitProducerIdResponse, InitProducerIdHandler>(
            new InitProducerIdHandler(_coordinator), InitProducerIdHandler.VersionsFor(_cluster.BrokerValues().Boolean("unstable.api.versions.enable")))
        .Add<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, AddPartitionsToTxnHandler>(new AddPartitionsToTxnHandler(_coordinator, _cluster))
        .Add<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddOffsetsToTxnHandler>(new AddOffsetsToTxnHandler(_coordinator, _cluster))
        .Add<TxnOffsetCommitRequest, TxnOffsetCommitResponse, TxnOffsetCommitHandler>(new TxnOffsetCommitHandler(groups, _partitions, Verifier))
        .Add<EndTxnRequest, EndTxnResponse, EndTxnHandler>(new EndTxnHandler(_coordinator))
        .Add<WriteTxnMarkersRequest, WriteTxnMarkersResponse, WriteTxnMarkersHandler>(new WriteTxnMarkersHandler(_writer))
        .Add<DescribeTransactionsRequest, DescribeTransactionsResponse, DescribeTransactionsHandler>(new DescribeTransactionsHandler(_coordinator))
        .Add<ListTransactionsRequest, ListTransactionsResponse, ListTransactionsHandler>(new ListTransactionsHandler(_coordinator));

    /// <summary>Begins to coordinate; after the partitions follow the publisher.</summary>
    public void Follow(MetadataPublisher publisher) => _runtime.Follow(publisher);

    /// <summary>Sends everybody who waits to the next coordinator.</summary>
    public void Stop()
    {
        _delivery.Stop();
        _runtime.Stop();
        _markerPeers.Dispose();
        _verificationPeers.Dispose();
    }

    private TransactionSettings Settings()
    {
        ConfigValues values = _cluster.BrokerValues();
        return new TransactionSettings
        {
            MaxTimeoutMs = values.Int("transaction.max.timeout.ms"),
            AbortIntervalMs = values.Int("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
            IdExpirationMs = values.Int("transactional.id.expiration.ms"),
            AllowsTwoPhaseCommit = values.Boolean("transaction.two.phase.commit.enable"),
            IdExpirationCheckMs = values.Int("transaction.remove.expired.transaction.cleanup.interval.ms"),
        };
    }
}
