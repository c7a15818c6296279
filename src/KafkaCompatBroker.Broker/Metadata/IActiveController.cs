using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>What a node itself asks of the active controller, in this process or another. Any thread.</summary>
public interface IActiveController
{
    Task<BrokerRegistrationResponse> RegisterAsync(BrokerRegistrationRequest request, CancellationToken token);

    Task<ControllerRegistrationResponse> RegisterControllerAsync(ControllerRegistrationRequest request, CancellationToken token);

    Task<BrokerHeartbeatResponse> HeartbeatAsync(BrokerHeartbeatRequest request, CancellationToken token);

    Task<AssignReplicasToDirsResponse> AssignReplicasToDirsAsync(AssignReplicasToDirsRequest request, CancellationToken token);

    Task<AllocateProducerIdsResponse> AllocateProducerIdsAsync(AllocateProducerIdsRequest request, CancellationToken token);

    Task<AlterPartitionResponse> AlterPartitionAsync(AlterPartitionRequest request, CancellationToken token);

    Task<CreateTopicsResponse> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken token);

    Task<IncrementalAlterConfigsResponse> IncrementalAlterConfigsAsync(IncrementalAlterConfigsRequest request, CancellationToken token);
}
