using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Quotas;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Topics;

/// <summary>
/// CreatePartitions (37): raises the number of partitions of topics (KIP-195). INVALID_PARTITIONS when it would not rise,
/// INVALID_REPLICA_ASSIGNMENT for a bad list of replicas. v3+: THROTTLING_QUOTA_EXCEEDED (KIP-599).
/// </summary>
public sealed class CreatePartitionsHandler(ControllerShell controller) : IRequestHandler<CreatePartitionsRequest, CreatePartitionsResponse>
{
    private const short FirstVersionWithStrictQuota = 3;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.CreatePartitions);

    public async ValueTask<CreatePartitionsResponse> HandleAsync(RequestContext context, CreatePartitionsRequest request, CancellationToken token)
    {
        bool isStrict = context.ApiVersion >= FirstVersionWithStrictQuota;
        MutationQuota? quota = null;
        CreatePartitionsResponse response = await controller.ExecuteAsync(
            (active, nowMs) => active.CreatePartitions(request, quota = context.Quota?.Mutations(isStrict, nowMs)), token).ConfigureAwait(false);
        response.ThrottleTimeMs = quota?.ThrottleMs ?? 0;
        return response;
    }
}
