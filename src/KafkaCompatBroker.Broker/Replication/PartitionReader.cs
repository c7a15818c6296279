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
    public static void Read(ref FetchRead read, in FetchParameters parameters, int bytesMax, bool needsBatch, bool notesProgress)
    {
        if (read.Partition is not { } partition)
        {
            read.Error = read.LookupError;
            read.Leader = read.Elsewhere?.Leader ?? -1;
            read.LeaderEpoch = read.Elsewhere?.LeaderEpoch ?? -1;
            return;
        }

        FetchedPartition asked = read.Asked;
        PartitionView view = partition.View(asked.CurrentLeaderEpoch, parameters.MustLead, parameters.Limit, parameters.ReplicaId, (parameters.Nearby, asked.FetchOffset));
        read.ReadableBytes = view.ReadableBytes;
        if (view.Error != ErrorCode.None)
        {
            Refuse(ref read, view, view.Error);
            return;
        }

        read.HighWatermark = view.HighWatermark;
        read.LastStableOffset = view.LastStableOffset;
        read.LogStartOffset = view.LogStartOffset;
        if (asked.LastFetchedEpoch >= 0 && !Agrees(ref read, partition, view))
            return;
        if (asked.FetchOffset < view.LogStartOffset || asked.FetchOffset > view.LogEndOffset)
        {
            Refuse(ref read, view, ErrorCode.OffsetOutOfRange);
            return;
        }

        if (parameters.IsFollower && notesProgress && NoteProgress(ref read, partition, parameters) is not ErrorCode.None and var refusal)
        {
            Refuse(ref read, view, refusal);
            return;
        }

        read.PreferredReplica = view.NearestReplica;
        if (read.PreferredReplica >= 0)
            return;

        if (!IsHeldBack(partition, view, parameters))
            Slice(ref read, partition, view, bytesMax, needsBatch);
        if (parameters.Limit == ReadLimit.LastStableOffset)
            read.AbortedTransactions = AbortedIn(read, partition.Log, view);
    }

    /// <summary>Replicas that are in sync stay so whatever the throttle (KIP-73).</summary>
    private static bool IsHeldBack(Partition partition, in PartitionView view, in FetchParameters parameters) =>
        parameters.Throttle is { } throttle && partition.Throttled.HasFlag(ThrottledRoles.Leader) && !view.InSync.Contains(parameters.ReplicaId) && throttle.IsExceeded;

    /// <summary>Only what agrees with this log counts as a copy of it.</summary>
    private static ErrorCode NoteProgress(ref FetchRead read, Partition partition, in FetchParameters parameters)
    {
        // KIP-903: the fetch of an earlier start of the broker says nothing about what it has now.
        if (parameters.Follower == FollowerStanding.Outdated)
            return ErrorCode.NotLeaderOrFollower;

        return partition.FollowerFetched(
            new FollowerFetch(
                parameters.ReplicaId,
                read.Asked.FetchOffset,
                read.Asked.FollowerLogStartOffset,
                parameters.NowMs,
                parameters.ReplicaEpoch,
                parameters.Follower == FollowerStanding.Eligible),
            out read.HighWatermark);
    }

    /// <summary>Compares the fetcher's last epoch with this log's history (KIP-595).</summary>
    private static bool Agrees(ref FetchRead read, Partition partition, in PartitionView view)
    {
        EpochStart end = partition.Log.OffsetForEpoch(read.Asked.LastFetchedEpoch);
        if (end.Epoch < 0 || read.Asked.FetchOffset < view.LogStartOffset)
        {
            Refuse(ref read, view, ErrorCode.OffsetOutOfRange);
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
            Refuse(ref read, view, ErrorOf(slice.Status));
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

    private static void Refuse(ref FetchRead read, in PartitionView view, ErrorCode error)
    {
        read.Error = error;
        read.Leader = view.Leader;
        read.LeaderEpoch = view.LeaderEpoch;
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
