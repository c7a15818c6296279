using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>Reads one partition for a fetch: checks, offsets, the zero-copy slice of the log, aborted transactions. Stateless.</summary>
internal static class PartitionReader
{
    public static void Read(ref FetchRead read, in FetchParameters parameters, int bytesMax, bool needsBatch)
    {
        if (read.Partition is not { } partition)
        {
            read.Error = read.LookupError;
            read.Leader = read.Elsewhere?.Leader ?? -1;
            read.LeaderEpoch = read.Elsewhere?.LeaderEpoch ?? -1;
            return;
        }

        FetchedPartition asked = read.Asked;
        PartitionView view = partition.View(asked.CurrentLeaderEpoch, parameters.MustLead, parameters.Limit);
        read.ReadableBytes = view.ReadableBytes;
        read.Error = Check(read, parameters, view);
        if (read.Error != ErrorCode.None)
        {
            read.Leader = view.Leader;
            read.LeaderEpoch = view.LeaderEpoch;
            return;
        }

        read.HighWatermark = view.HighWatermark;
        read.LastStableOffset = view.LastStableOffset;
        read.LogStartOffset = view.LogStartOffset;
        if (asked.LastFetchedEpoch >= 0 && !Agrees(ref read, partition))
            return;

        Slice(ref read, partition, view, bytesMax, needsBatch);
        if (parameters.Limit == ReadLimit.LastStableOffset)
            read.AbortedTransactions = AbortedIn(read, partition.Log, view);
    }

    private static ErrorCode Check(in FetchRead read, in FetchParameters parameters, in PartitionView view)
    {
        if (view.Error != ErrorCode.None)
            return view.Error;
        if (read.Asked.FetchOffset < view.LogStartOffset || read.Asked.FetchOffset > view.LogEndOffset)
            return ErrorCode.OffsetOutOfRange;
        return parameters.IsFollower
            ? read.Partition!.FollowerFetched(
                parameters.ReplicaId,
                read.Asked.FetchOffset,
                read.Asked.FollowerLogStartOffset,
                parameters.NowMs)
            : ErrorCode.None;
    }

    /// <summary>Compares the fetcher's last epoch with this log's history (KIP-595).</summary>
    private static bool Agrees(ref FetchRead read, Partition partition)
    {
        EpochStart end = partition.Log.OffsetForEpoch(read.Asked.LastFetchedEpoch);
        if (end.Epoch < 0)
        {
            Refuse(ref read, ErrorCode.OffsetOutOfRange);
            return false;
        }

        if (end.Epoch >= read.Asked.LastFetchedEpoch && end.StartOffset >= read.Asked.FetchOffset)
            return true;

        read.DivergingEpoch = end.Epoch;
        read.DivergingEndOffset = end.StartOffset;
        return false;
    }

    private static void Slice(ref FetchRead read, Partition partition, in PartitionView view, int bytesMax, bool needsBatch)
    {
        if (read.Asked.FetchOffset >= view.EndOffset)
            return;

        LogSlice slice = partition.Log.Read(read.Asked.FetchOffset, Math.Max(bytesMax, 0), view.EndOffset, needsBatch, mayCut: true);
        if (slice.Status != ReadStatus.Ok)
        {
            Refuse(ref read, ErrorOf(slice.Status));
            return;
        }

        read.Records = slice.Memory;
        read.Lease = slice.Lease;
    }

    private static ErrorCode ErrorOf(ReadStatus status) => status switch
    {
        ReadStatus.Corrupt => ErrorCode.CorruptMessage,
        ReadStatus.Failed => ErrorCode.KafkaStorageError,
        // Retention or DeleteRecords was faster than this reading.
        _ => ErrorCode.OffsetOutOfRange,
    };

    private static void Refuse(ref FetchRead read, ErrorCode error)
    {
        read.Error = error;
        read.HighWatermark = -1;
        read.LastStableOffset = -1;
        read.LogStartOffset = -1;
    }

    private static FetchResponse.AbortedTransaction[] AbortedIn(in FetchRead read, PartitionLog log, in PartitionView view)
    {
        if (read.Records.IsEmpty)
            return [];

        // As Kafka does it: all of the segment, in order of their markers. Clients look for their own.
        long upper = log.UpperBoundAt(EndOf(read.Records.Span, view.EndOffset) - 1);
        return [.. log.AbortedTransactions(read.Asked.FetchOffset, upper)
            .Select(aborted => new FetchResponse.AbortedTransaction { ProducerId = aborted.ProducerId, FirstOffset = aborted.FirstOffset })];
    }

    /// <summary>The offset after the last complete batch.</summary>
    private static long EndOf(ReadOnlySpan<byte> records, long fallback)
    {
        long end = fallback;
        while (RecordBatchView.TryRead(records, out RecordBatchView batch) == RecordBatchStatus.Ok)
        {
            end = batch.NextOffset;
            records = records[batch.SizeInBytes..];
        }

        return end;
    }
}
