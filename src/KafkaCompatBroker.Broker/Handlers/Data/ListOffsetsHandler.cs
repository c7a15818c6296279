using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// ListOffsets (key 2), v1-v11: offsets by time or by a special timestamp. v2 isolation level (KIP-98), v4 current leader epoch
/// (KIP-320), v5 OFFSET_NOT_AVAILABLE (KIP-207), v7 -3 largest timestamp (KIP-734), v8 -4 earliest local (KIP-405), v9 -5 latest tiered
/// (KIP-1005), v10 timeout (KIP-1075), v11 -6 earliest not yet tiered (KIP-1023). Without tiered storage everything is local. KAFKA_STORAGE_ERROR or
/// CORRUPT_MESSAGE when a search by time cannot read the log.
/// </summary>
public sealed class ListOffsetsHandler(PartitionHost host) : IRequestHandler<ListOffsetsRequest, ListOffsetsResponse>
{
    private const int ConsumerReplicaId = -1;
    private const int DebuggingReplicaId = -2;
    private const sbyte ReadCommitted = 1;
    private const short LeaderEpochVersion = 4;
    private const short OffsetNotAvailableVersion = 5;

    public static ApiVersionRange Versions => new(1, 11);

    public ValueTask<ListOffsetsResponse> HandleAsync(RequestContext context, ListOffsetsRequest request, CancellationToken token)
    {
        HashSet<TopicPartition> once = [];
        HashSet<TopicPartition> twice = [];
        foreach (ListOffsetsRequest.ListOffsetsTopic topic in request.Topics)
        {
            foreach (ListOffsetsRequest.ListOffsetsPartition partition in topic.Partitions)
            {
                if (!once.Add(new(topic.Name, partition.PartitionIndex)))
                    twice.Add(new(topic.Name, partition.PartitionIndex));
            }
        }

        return new(new ListOffsetsResponse
        {
            Topics = [.. request.Topics.Select(topic => new ListOffsetsResponse.ListOffsetsTopicResponse
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.DistinctBy(partition => partition.PartitionIndex).Select(partition =>
                    twice.Contains(new(topic.Name, partition.PartitionIndex))
                        ? Refuse(partition, ErrorCode.InvalidRequest)
                        : Find(context.ApiVersion, request, topic.Name, partition))],
            })],
        });
    }

    private ListOffsetsResponse.ListOffsetsPartitionResponse Find(
        short version, ListOffsetsRequest request, string topic, ListOffsetsRequest.ListOffsetsPartition asked)
    {
        ErrorCode error = host.Find(topic, asked.PartitionIndex, out Partition? partition);
        if (partition is null)
            return Refuse(asked, error);
        if (!OffsetSearch.IsKnown(asked.Timestamp, version))
            return Refuse(asked, ErrorCode.UnsupportedVersion);

        ReadLimit limit = request.ReplicaId != ConsumerReplicaId
            ? ReadLimit.LogEnd
            : request.IsolationLevel == ReadCommitted ? ReadLimit.LastStableOffset : ReadLimit.HighWatermark;
        PartitionView view = partition.View(asked.CurrentLeaderEpoch, request.ReplicaId != DebuggingReplicaId, limit);
        if (view.Error != ErrorCode.None)
            return Refuse(asked, view.Error);
        if (!view.IsHighWatermarkKnown && OffsetSearch.DependsOnEnd(asked.Timestamp) && limit != ReadLimit.LogEnd)
            return Refuse(asked, version >= OffsetNotAvailableVersion ? ErrorCode.OffsetNotAvailable : ErrorCode.LeaderNotAvailable);

        error = TryFind(partition, view, asked.Timestamp, out FoundOffset found);
        return error != ErrorCode.None ? Refuse(asked, error) : new()
        {
            PartitionIndex = asked.PartitionIndex,
            Timestamp = found.TimestampMs,
            Offset = found.Offset,
            LeaderEpoch = version >= LeaderEpochVersion ? found.LeaderEpoch : -1,
        };
    }

    // A search by time reads the log.
    private static ErrorCode TryFind(Partition partition, in PartitionView view, long timestamp, out FoundOffset found)
    {
        found = FoundOffset.None;
        try
        {
            found = OffsetSearch.Find(partition.Log, view, timestamp);
            return ErrorCode.None;
        }
        catch (StorageException)
        {
            return ErrorCode.KafkaStorageError;
        }
        catch (RecordFormatException)
        {
            return ErrorCode.CorruptMessage;
        }
    }

    private static ListOffsetsResponse.ListOffsetsPartitionResponse Refuse(ListOffsetsRequest.ListOffsetsPartition asked, ErrorCode error) =>
        new() { PartitionIndex = asked.PartitionIndex, ErrorCode = error, Timestamp = -1, Offset = -1, LeaderEpoch = -1 };
}
