using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Broker.Handlers.Configs;
using KafkaCompatBroker.Broker.Handlers.Topics;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>The handlers that only the active controller has, listed once; brokers of other nodes forward these APIs to it (KIP-590).</summary>
public sealed class ControllerHandlers(ControllerShell controller, ClusterView cluster, IQuorumView quorum)
{
    private static readonly ApiKey[] Forwarded =
    [
        ApiKey.CreateTopics,
        ApiKey.DeleteTopics,
        ApiKey.CreatePartitions,
        ApiKey.AlterConfigs,
        ApiKey.DescribeQuorum,
        ApiKey.AddRaftVoter,
        ApiKey.RemoveRaftVoter,
        ApiKey.ElectLeaders,
        ApiKey.AlterPartitionReassignments,
        ApiKey.UnregisterBroker,
        ApiKey.UpdateFeatures,
        ApiKey.ListPartitionReassignments,
    ];

    /// <summary>Registers what administrators may ask, on either kind of listener.</summary>
    public HandlerTable AddTo(HandlerTable table) => table
        .Add<CreateTopicsRequest, CreateTopicsResponse, CreateTopicsHandler>(new CreateTopicsHandler(controller))
        .Add<DeleteTopicsRequest, DeleteTopicsResponse, DeleteTopicsHandler>(new DeleteTopicsHandler(controller))
        .Add<CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsHandler>(new CreatePartitionsHandler(controller))
        .Add<AlterConfigsRequest, AlterConfigsResponse, AlterConfigsHandler>(new AlterConfigsHandler(controller))
        .Add<DescribeQuorumRequest, DescribeQuorumResponse, DescribeQuorumHandler>(new DescribeQuorumHandler(quorum, cluster))
        .Add<AddRaftVoterRequest, AddRaftVoterResponse, AddRaftVoterHandler>(new AddRaftVoterHandler(quorum, cluster))
        .Add<RemoveRaftVoterRequest, RemoveRaftVoterResponse, RemoveRaftVoterHandler>(new RemoveRaftVoterHandler(quorum, cluster))
        .Add<ElectLeadersRequest, ElectLeadersResponse, ElectLeadersHandler>(new ElectLeadersHandler(controller))
        .Add<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, AlterPartitionReassignmentsHandler>(new AlterPartitionReassignmentsHandler(controller))
        .Add<UnregisterBrokerRequest, UnregisterBrokerResponse, UnregisterBrokerHandler>(new UnregisterBrokerHandler(controller))
        .Add<UpdateFeaturesRequest, UpdateFeaturesResponse, UpdateFeaturesHandler>(new UpdateFeaturesHandler(controller))
        .Add<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, ListPartitionReassignmentsHandler>(new ListPartitionReassignmentsHandler(cluster));

    /// <summary>Registers the same APIs on a node that has to pass them on.</summary>
    public static HandlerTable Forward(HandlerTable table, ControllerChannel controller, TimeSpan timeout)
    {
        foreach (ApiKey key in Forwarded) table.Forward(key, controller, timeout);
        return table;
    }
}
