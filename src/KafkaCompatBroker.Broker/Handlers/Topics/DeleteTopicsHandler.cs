using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Topics;

/// <summary>
/// DeleteTopics (20): deletes topics by name, from v6 also by id (KIP-516). With delete.topic.enable=false v1 and v2 get
/// INVALID_REQUEST, later versions TOPIC_DELETION_DISABLED (KIP-322). v5+: error texts, THROTTLING_QUOTA_EXCEEDED (KIP-599).
/// </summary>
public sealed class DeleteTopicsHandler(ControllerShell controller) : IRequestHandler<DeleteTopicsRequest, DeleteTopicsResponse>
{
    private const short FirstVersionWithDeletionDisabled = 3;
    private const short FirstVersionWithStrictQuota = 5;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DeleteTopics);

    public async ValueTask<DeleteTopicsResponse> HandleAsync(RequestContext context, DeleteTopicsRequest request, CancellationToken token)
    {
        DeleteTopicsResponse response = await TopicChange.RunAsync(
            controller, context, FirstVersionWithStrictQuota, (active, quota) => active.DeleteTopics(request, quota), token).ConfigureAwait(false);
        if (context.ApiVersion < FirstVersionWithDeletionDisabled)
            foreach (DeleteTopicsResponse.DeletableTopicResult result in response.Responses)
                if (result.ErrorCode == ErrorCode.TopicDeletionDisabled) result.ErrorCode = ErrorCode.InvalidRequest;
        return response;
    }
}
