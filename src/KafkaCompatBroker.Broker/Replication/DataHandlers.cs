using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Handlers.Data;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>The handlers of records and replicas, listed once.</summary>
public sealed class DataHandlers(PartitionHost host, LogStore logs, ClusterView cluster, TimerQueue timers, TransactionVerifier verifier, FetchSessions sessions)
{
    /// <summary>The fetches that wait for records.</summary>
    public DelayedFetches DelayedFetches { get; } = new(timers);

    /// <summary>Registers what clients of brokers may ask.</summary>
    public HandlerTable AddToBroker(HandlerTable table) => table
        .Add<ProduceRequest, ProduceResponse?, ProduceHandler>(new ProduceHandler(host, timers, verifier))
        .Add<FetchRequest, FetchResponse, FetchHandler>(new FetchHandler(host, sessions, DelayedFetches, cluster.BrokerValues().Int("fetch.max.bytes")))
        .Add<ListOffsetsRequest, ListOffsetsResponse, ListOffsetsHandler>(new ListOffsetsHandler(host))
        .Add<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderEpochHandler>(new OffsetForLeaderEpochHandler(host))
        .Add<DeleteRecordsRequest, DeleteRecordsResponse, DeleteRecordsHandler>(new DeleteRecordsHandler(host, timers))
        .Add<DescribeProducersRequest, DescribeProducersResponse, DescribeProducersHandler>(new DescribeProducersHandler(host))
        .Add<DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeLogDirsHandler>(new DescribeLogDirsHandler(logs, host.DataDirectories, CordonedDirectories))
        .Add<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, AlterReplicaLogDirsHandler>(new AlterReplicaLogDirsHandler(host, logs));

    private IReadOnlyList<string> CordonedDirectories() => cluster.BrokerValues().List("cordoned.log.dirs");
}
