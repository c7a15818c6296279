using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// DeleteRecords (key 21), v0-v2: moves the log start offset (KIP-107). -1 means the high watermark, an offset above it or below zero
/// is OFFSET_OUT_OF_RANGE. Internal topics are refused with INVALID_TOPIC_EXCEPTION, topics that are only compacted with
/// POLICY_VIOLATION.
/// </summary>
public sealed class DeleteRecordsHandler(PartitionHost host) : IRequestHandler<DeleteRecordsRequest, DeleteRecordsResponse>
{
    public static ApiVersionRange Versions => new(0, 2);

    public ValueTask<DeleteRecordsResponse> HandleAsync(RequestContext context, DeleteRecordsRequest request, CancellationToken token) =>
        new(new DeleteRecordsResponse
        {
            Topics = [.. request.Topics.Select(topic => new DeleteRecordsResponse.DeleteRecordsTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => Delete(topic.Name, partition))],
            })],
        });

    private DeleteRecordsResponse.DeleteRecordsPartitionResult Delete(string topic, DeleteRecordsRequest.DeleteRecordsPartition asked)
    {
        long lowWatermark = -1;
        ErrorCode error = ErrorCode.InvalidTopicException;
        if (!TopicName.IsInternal(topic))
        {
            error = host.Find(topic, asked.PartitionIndex, out Partition? partition);
            if (partition is not null)
                error = Delete(partition, asked.Offset, out lowWatermark);
        }

        return new() { PartitionIndex = asked.PartitionIndex, ErrorCode = error, LowWatermark = lowWatermark };
    }

    private static ErrorCode Delete(Partition partition, long offset, out long lowWatermark)
    {
        lowWatermark = -1;
        LogConfig config = partition.Log.Config;
        return config.IsCompacted && !config.IsDeleted
            ? ErrorCode.PolicyViolation
            : partition.DeleteRecordsBefore(offset, out lowWatermark);
    }
}
