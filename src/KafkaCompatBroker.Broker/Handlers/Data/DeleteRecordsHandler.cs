using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// DeleteRecords (key 21), v0-v2: moves the log start offset (KIP-107). -1 means the high watermark, an offset above it or below zero
/// is OFFSET_OUT_OF_RANGE. Internal topics are refused with INVALID_TOPIC_EXCEPTION, topics that are only compacted with
/// POLICY_VIOLATION. Answers when every live replica has done it, or with REQUEST_TIMED_OUT.
/// </summary>
public sealed class DeleteRecordsHandler(PartitionHost host, TimerQueue timers) : IRequestHandler<DeleteRecordsRequest, DeleteRecordsResponse>
{
    public static ApiVersionRange Versions => new(0, 2);

    public async ValueTask<DeleteRecordsResponse> HandleAsync(RequestContext context, DeleteRecordsRequest request, CancellationToken token)
    {
        PendingDeletion pending = new(timers);
        DeleteRecordsResponse response = new()
        {
            Topics = [.. request.Topics.Select(topic => new DeleteRecordsResponse.DeleteRecordsTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => Delete(topic.Name, partition, pending))],
            })],
        };
        await pending.WaitAsync(request.TimeoutMs).ConfigureAwait(false);
        return response;
    }

    private DeleteRecordsResponse.DeleteRecordsPartitionResult Delete(
        string topic, DeleteRecordsRequest.DeleteRecordsPartition asked, PendingDeletion pending)
    {
        DeleteRecordsResponse.DeleteRecordsPartitionResult answer = new()
        {
            PartitionIndex = asked.PartitionIndex, ErrorCode = ErrorCode.InvalidTopicException, LowWatermark = -1,
        };
        if (TopicName.IsInternal(topic))
            return answer;

        answer.ErrorCode = host.Find(topic, asked.PartitionIndex, out Partition? partition);
        if (partition is not null)
            Delete(partition, asked.Offset, answer, pending);
        return answer;
    }

    private static void Delete(
        Partition partition, long offset, DeleteRecordsResponse.DeleteRecordsPartitionResult answer, PendingDeletion pending)
    {
        LogConfig config = partition.Log.Config;
        if (config.IsCompacted && !config.IsDeleted)
        {
            answer.ErrorCode = ErrorCode.PolicyViolation;
            return;
        }

        answer.ErrorCode = partition.DeleteRecordsBefore(offset, out long requiredOffset, out long lowWatermark);
        answer.LowWatermark = lowWatermark;
        if (answer.ErrorCode == ErrorCode.None && lowWatermark < requiredOffset)
            pending.Add(partition, requiredOffset, answer);
    }
}
