using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Broker.Handlers.Configs;
using KafkaCompatBroker.Broker.Handlers.Security;
using KafkaCompatBroker.Broker.Handlers.Topics;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>The handlers of administration that only controllers have, listed once; brokers forward these APIs to the active one (KIP-590).</summary>
public sealed class ControllerHandlers(ControllerShell controller, ClusterView cluster, IQuorumView quorum)
{
    /// <summary>Registers what administrators may ask a controller; those that change something only the active one answers.</summary>
    public HandlerTable AddTo(HandlerTable table) => table
        .AddActive<CreateTopicsRequest, CreateTopicsResponse, CreateTopicsHandler>(new CreateTopicsHandler(controller), WholeRequestErrors.To)
        .AddActive<DeleteTopicsRequest, DeleteTopicsResponse, DeleteTopicsHandler>(new DeleteTopicsHandler(controller), WholeRequestErrors.To)
        .AddActive<CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsHandler>(new CreatePartitionsHandler(controller), WholeRequestErrors.To)
        .AddActive<AlterConfigsRequest, AlterConfigsResponse, AlterConfigsHandler>(new AlterConfigsHandler(controller), WholeRequestErrors.To)
        .AddActive<ElectLeadersRequest, ElectLeadersResponse, ElectLeadersHandler>(new ElectLeadersHandler(controller), WholeRequestErrors.To)
        .AddActive<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, AlterPartitionReassignmentsHandler>(
            new AlterPartitionReassignmentsHandler(controller), WholeRequestErrors.To)
        .AddActive<UnregisterBrokerRequest, UnregisterBrokerResponse, UnregisterBrokerHandler>(new UnregisterBrokerHandler(controller), WholeRequestErrors.To)
        .AddActive<UnregisterControllerRequest, UnregisterControllerResponse, UnregisterControllerHandler>(new UnregisterControllerHandler(controller), WholeRequestErrors.To)
        .AddActive<AlterClientQuotasRequest, AlterClientQuotasResponse, AlterClientQuotasHandler>(new AlterClientQuotasHandler(controller), WholeRequestErrors.To)
        .AddActive<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, AlterUserScramCredentialsHandler>(
            new AlterUserScramCredentialsHandler(controller), WholeRequestErrors.To)
        .AddActive<UpdateFeaturesRequest, UpdateFeaturesResponse, UpdateFeaturesHandler>(new UpdateFeaturesHandler(controller, quorum), WholeRequestErrors.To)
        .Add<DescribeQuorumRequest, DescribeQuorumResponse, DescribeQuorumHandler>(new DescribeQuorumHandler(quorum, cluster))
        .Add<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, ListPartitionReassignmentsHandler>(new ListPartitionReassignmentsHandler(cluster));

    /// <summary>Registers the same APIs for clients of a broker, whose node passes them on to whichever controller is active.</summary>
    /// <param name="table">The broker's handlers.</param>
    /// <param name="controller">The way to a controller in another process.</param>
    /// <param name="here">The handlers of this node's own controller, null when it has none.</param>
    /// <param name="timeout">Longest wait for an answer.</param>
    public static HandlerTable Forward(HandlerTable table, ControllerChannel controller, HandlerTable? here, TimeSpan timeout) =>
        table
            .Forward<CreateTopicsRequest, CreateTopicsResponse>(controller, here, timeout)
            .Forward<DeleteTopicsRequest, DeleteTopicsResponse>(controller, here, timeout)
            .Forward<CreatePartitionsRequest, CreatePartitionsResponse>(controller, here, timeout)
            .Forward<AlterConfigsRequest, AlterConfigsResponse>(controller, here, timeout)
            .Forward<DescribeQuorumRequest, DescribeQuorumResponse>(controller, here, timeout)
            .Forward<AddRaftVoterRequest, AddRaftVoterResponse>(controller, here, timeout)
            .Forward<RemoveRaftVoterRequest, RemoveRaftVoterResponse>(controller, here, timeout)
            .Forward<ElectLeadersRequest, ElectLeadersResponse>(controller, here, timeout)
            .Forward<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(controller, here, timeout)
            .Forward<UnregisterBrokerRequest, UnregisterBrokerResponse>(controller, here, timeout)
            .Forward<UnregisterControllerRequest, UnregisterControllerResponse>(controller, here, timeout)
            .Forward<AlterClientQuotasRequest, AlterClientQuotasResponse>(controller, here, timeout)
            .Forward<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>(controller, here, timeout)
            .Forward<UpdateFeaturesRequest, UpdateFeaturesResponse>(controller, here, timeout)
            .Forward<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(controller, here, timeout);
}
