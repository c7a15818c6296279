using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>The active controller of a node that is broker and controller in one.</summary>
public sealed class LocalController(ControllerShell controller) : IActiveController
{
    // The epoch of a broker comes from the offset of the next record: commands are carried out one by one.
    public Task<BrokerRegistrationResponse> RegisterAsync(BrokerRegistrationRequest request, CancellationToken token) =>
        controller.ExecuteAsync((active, nowMs) => active.RegisterBroker(request, active.Image.Offset + 1, nowMs), token);

    public Task<ControllerRegistrationResponse> RegisterControllerAsync(ControllerRegistrationRequest request, CancellationToken token) =>
        controller.ExecuteAsync((active, _) => active.RegisterController(request), token);

    public Task<BrokerHeartbeatResponse> HeartbeatAsync(BrokerHeartbeatRequest request, CancellationToken token) =>
        controller.ExecuteAsync((active, nowMs) => active.BrokerHeartbeat(request, nowMs), token);

    public Task<AssignReplicasToDirsResponse> AssignReplicasToDirsAsync(AssignReplicasToDirsRequest request, CancellationToken token) =>
        controller.ExecuteAsync((active, _) => active.AssignReplicasToDirs(request), token);

    public Task<AllocateProducerIdsResponse> AllocateProducerIdsAsync(AllocateProducerIdsRequest request, CancellationToken token) =>
        controller.ExecuteAsync((active, _) => active.AllocateProducerIds(request), token);

    public Task<AlterPartitionResponse> AlterPartitionAsync(AlterPartitionRequest request, CancellationToken token) =>
        controller.ExecuteAsync((active, _) => active.AlterPartition(request), token);

    public Task<CreateTopicsResponse> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken token) =>
        controller.ExecuteAsync((active, _) => active.CreateTopics(request), token);

    public Task<IncrementalAlterConfigsResponse> IncrementalAlterConfigsAsync(IncrementalAlterConfigsRequest request, CancellationToken token) =>
        controller.ExecuteAsync((active, _) => active.IncrementalAlterConfigs(request), token);
}
