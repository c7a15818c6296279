using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// AlterPartition (56): the leader of a partition changes its in-sync replicas (KIP-497). v3+: with the epoch of each member (KIP-903).
/// </summary>
public sealed class AlterPartitionHandler(ControllerShell controller) : IRequestHandler<AlterPartitionRequest, AlterPartitionResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AlterPartition);

    public async ValueTask<AlterPartitionResponse> HandleAsync(RequestContext context, AlterPartitionRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.AlterPartition(request), token).ConfigureAwait(false);
}
