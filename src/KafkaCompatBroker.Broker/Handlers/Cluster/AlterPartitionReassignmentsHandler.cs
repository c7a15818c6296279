using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// AlterPartitionReassignments (45): moves partitions to other brokers, or with null replicas goes back (KIP-455).
/// NO_REASSIGNMENT_IN_PROGRESS when there is nothing to cancel. v1: may refuse a change of the replication factor (KIP-860).
/// </summary>
public sealed class AlterPartitionReassignmentsHandler(ControllerShell controller)
    : IRequestHandler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AlterPartitionReassignments);

    public async ValueTask<AlterPartitionReassignmentsResponse> HandleAsync(
        RequestContext context, AlterPartitionReassignmentsRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.AlterPartitionReassignments(request), token).ConfigureAwait(false);
}
