using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Shares;
using KafkaCompatBroker.Coordination.Shares;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.DeleteShareGroupStateResponse;

namespace KafkaCompatBroker.Broker.Handlers.Shares;

/// <summary>
/// DeleteShareGroupState (86), v0 (KIP-932): a group coordinator deletes what this share coordinator keeps of a group; that there is nothing is no error.
/// NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS.
/// </summary>
public sealed class DeleteShareGroupStateHandler(ShareStates states) : IRequestHandler<DeleteShareGroupStateRequest, DeleteShareGroupStateResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DeleteShareGroupState);

    public async ValueTask<DeleteShareGroupStateResponse> HandleAsync(RequestContext context, DeleteShareGroupStateRequest request, CancellationToken token) => new()
    {
        Results = await Task.WhenAll(request.Topics.Select(async topic => new DeleteStateResult
        {
            TopicId = topic.TopicId,
            Partitions = await Task.WhenAll(topic.Partitions.Select(partition => DeleteAsync(new(request.GroupId, topic.TopicId, partition.Partition)))).ConfigureAwait(false),
        })),
    };

    private async Task<PartitionResult> DeleteAsync(SharePartitionKey key)
    {
        ShareStateAnswer answer = await states.AskHereAsync(key, (shard, step, reply) => shard.Delete(step, key, reply)).ConfigureAwait(false);
        return new()
        {
            Partition = key.Partition,
            ErrorCode = answer.Error,
            ErrorMessage = answer.Error == ErrorCode.None ? null : answer.Error.Message(),
        };
    }
}
