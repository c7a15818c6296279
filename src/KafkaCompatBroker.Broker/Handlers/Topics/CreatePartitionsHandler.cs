using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
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

    public ValueTask<CreatePartitionsResponse> HandleAsync(RequestContext context, CreatePartitionsRequest request, CancellationToken token) =>
        TopicChange.RunAsync(controller, context, FirstVersionWithStrictQuota, (active, quota) => active.CreatePartitions(request, quota), token);
}
