using KafkaCompatBroker.Broker.Handlers.Quorum;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>The handlers for the other nodes of the cluster, listed once; controllers' listeners only.</summary>
public sealed class QuorumHandlers(ControllerShell controller, ClusterView cluster, MetadataLog log)
{
    public HandlerTable AddTo(HandlerTable table)
    {
        LocalController active = new(controller);
        return table
            .Add<FetchRequest, FetchResponse, FetchHandler>(new FetchHandler(log, cluster))
            .Add<BrokerRegistrationRequest, BrokerRegistrationResponse, BrokerRegistrationHandler>(new BrokerRegistrationHandler(active))
            .Add<BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerHeartbeatHandler>(new BrokerHeartbeatHandler(active))
            .Add<AllocateProducerIdsRequest, AllocateProducerIdsResponse, AllocateProducerIdsHandler>(new AllocateProducerIdsHandler(active))
            .Add<AlterPartitionRequest, AlterPartitionResponse, AlterPartitionHandler>(new AlterPartitionHandler(controller))
            .Add<ControllerRegistrationRequest, ControllerRegistrationResponse, ControllerRegistrationHandler>(new ControllerRegistrationHandler(controller))
            .Add<EnvelopeRequest, EnvelopeResponse, EnvelopeHandler>(new EnvelopeHandler(table));
    }
}
