using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Broker.Handlers.Quorum;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>The handlers for the other nodes of the cluster, and those that change the quorum, listed once; controllers' listeners only.</summary>
public sealed class QuorumHandlers(ControllerShell controller, ClusterView cluster, MetadataLog log, QuorumEndpoints endpoints, ClientQuotas quotas)
{
    public HandlerTable AddTo(HandlerTable table)
    {
        LocalController active = new(controller);
        return table
            .Add<FetchRequest, FetchResponse, FetchHandler>(new FetchHandler(log, cluster, endpoints))
            .Add<VoteRequest, VoteResponse, VoteHandler>(new VoteHandler(log, cluster, endpoints))
            .Add<BeginQuorumEpochRequest, BeginQuorumEpochResponse, BeginQuorumEpochHandler>(new BeginQuorumEpochHandler(log, cluster, endpoints))
            .Add<EndQuorumEpochRequest, EndQuorumEpochResponse, EndQuorumEpochHandler>(new EndQuorumEpochHandler(log, cluster, endpoints))
            .Add<FetchSnapshotRequest, FetchSnapshotResponse, FetchSnapshotHandler>(new FetchSnapshotHandler(log, cluster, endpoints))
            .Add<AddRaftVoterRequest, AddRaftVoterResponse, AddRaftVoterHandler>(new AddRaftVoterHandler(log, cluster))
            .Add<RemoveRaftVoterRequest, RemoveRaftVoterResponse, RemoveRaftVoterHandler>(new RemoveRaftVoterHandler(log, cluster))
            .Add<UpdateRaftVoterRequest, UpdateRaftVoterResponse, UpdateRaftVoterHandler>(new UpdateRaftVoterHandler(log, cluster, endpoints))
            .AddActive<BrokerRegistrationRequest, BrokerRegistrationResponse, BrokerRegistrationHandler>(new BrokerRegistrationHandler(active), WholeRequestErrors.To)
            .AddActive<BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerHeartbeatHandler>(new BrokerHeartbeatHandler(active), WholeRequestErrors.To)
            .AddActive<AllocateProducerIdsRequest, AllocateProducerIdsResponse, AllocateProducerIdsHandler>(new AllocateProducerIdsHandler(active), WholeRequestErrors.To)
            .AddActive<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse, AssignReplicasToDirsHandler>(new AssignReplicasToDirsHandler(controller), WholeRequestErrors.To)
            .AddActive<AlterPartitionRequest, AlterPartitionResponse, AlterPartitionHandler>(new AlterPartitionHandler(controller), WholeRequestErrors.To)
            .AddActive<ControllerRegistrationRequest, ControllerRegistrationResponse, ControllerRegistrationHandler>(new ControllerRegistrationHandler(controller), WholeRequestErrors.To)
            .Add<EnvelopeRequest, EnvelopeResponse, EnvelopeHandler>(new EnvelopeHandler(table, controller, quotas));
    }
}
