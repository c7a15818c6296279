using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Topics;

/// <summary>
/// CreateTopics (19): creates topics, each on its own; the answer comes when they are committed and this broker serves them.
/// v4+: -1 partitions or replicas take the broker's defaults, which earlier versions get too (KIP-464). v5+: counts and every
/// property of the new topic (KIP-525). v6+: THROTTLING_QUOTA_EXCEEDED (KIP-599). v7: topic id (KIP-516). More than 10,000 partitions in a request are POLICY_VIOLATION.
/// </summary>
public sealed class CreateTopicsHandler(ControllerShell controller) : IRequestHandler<CreateTopicsRequest, CreateTopicsResponse>
{
    private const short FirstVersionWithStrictQuota = 6;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.CreateTopics);

    public ValueTask<CreateTopicsResponse> HandleAsync(RequestContext context, CreateTopicsRequest request, CancellationToken token) =>
        TopicChange.RunAsync(controller, context, FirstVersionWithStrictQuota, (active, quota) => active.CreateTopics(request, quota), token);
}
