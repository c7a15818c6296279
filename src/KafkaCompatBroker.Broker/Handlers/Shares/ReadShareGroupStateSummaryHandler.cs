using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Shares;
using KafkaCompatBroker.Coordination.Shares;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.ReadShareGroupStateSummaryRequest;
using static KafkaCompatBroker.Protocol.Messages.ReadShareGroupStateSummaryResponse;

namespace KafkaCompatBroker.Broker.Handlers.Shares;

/// <summary>
/// ReadShareGroupStateSummary (87), v0-v1 (KIP-932): a broker asks this share coordinator where a group stands. A partition without state has start offset
/// -1. NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION.
/// </summary>
public sealed class ReadShareGroupStateSummaryHandler(ShareStates states)
    : IRequestHandler<ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(Protocol.Messages.ApiKey.ReadShareGroupStateSummary);

    public async ValueTask<ReadShareGroupStateSummaryResponse> HandleAsync(
        RequestContext context, ReadShareGroupStateSummaryRequest request, CancellationToken token) => new()
    {
        Results = await Task.WhenAll(request.Topics.Select(async topic => new ReadStateSummaryResult
        {
            TopicId = topic.TopicId,
            Partitions = await Task.WhenAll(topic.Partitions.Select(partition => ReadAsync(new(request.GroupId, topic.TopicId, partition.Partition)))).ConfigureAwait(false),
        })),
    };

    private async Task<PartitionResult> ReadAsync(SharePartitionKey key)
    {
        ShareStateAnswer answer = await states.AskHereAsync(key, (shard, step, reply) => shard.Read(step, key, reply)).ConfigureAwait(false);
        return new()
        {
            Partition = key.Partition,
            ErrorCode = answer.Error,
            ErrorMessage = answer.Error == ErrorCode.None ? null : answer.Error.Message(),
            StateEpoch = answer.State.StateEpoch,
            LeaderEpoch = answer.State.LeaderEpoch,
            StartOffset = answer.State.StartOffset,
            DeliveryCompleteCount = answer.State.DeliveryCompleteCount,
        };
    }
}
