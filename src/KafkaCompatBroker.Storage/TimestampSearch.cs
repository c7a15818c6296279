using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>A record found by time: its timestamp in Unix milliseconds, its offset and the leader epoch of its batch (-1 when unknown).</summary>
public readonly record struct TimestampedOffset(long TimestampMs, long Offset, int LeaderEpoch);

/// <summary>Finds records by timestamp: the time index leads to a batch, the records inside decide.</summary>
internal static class TimestampSearch
{
    /// <summary>Searches; descriptors or mappings may have run out, which passes: no reason to fence the directory.</summary>
    /// <exception cref="StorageException">The log cannot be read now.</exception>
    public static TimestampedOffset? Guarded(LogState log, Func<TimestampedOffset?> search)
    {
        try
        {
            return search();
        }
        catch (Exception cause) when (FileErrors.IsFileFailure(cause))
        {
            StorageLog.ReadFailed(log.Environment.Logger, log.Directory, log.LogStartOffset, cause.Message);
            throw cause as StorageException ?? new StorageException(log.Environment.Store.Root, "search by time", cause);
        }
    }

    public static TimestampedOffset? FirstAtOrAfter(SegmentList segments, long timestampMs, long logStartOffset, long logEndOffset)
    {
        foreach (Segment segment in segments.All)
        {
            SegmentEnd end = segment.End;
            if (end.SizeBytes > 0 && end.NextOffset > logStartOffset && segment.Largest.TimestampMs >= timestampMs)
            {
                if (Search(segment, SegmentSearch.PositionBefore(segment, timestampMs, logStartOffset), timestampMs, logStartOffset, logEndOffset) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    public static TimestampedOffset? Largest(SegmentList segments, long logStartOffset, long logEndOffset)
    {
        Segment? latest = null;
        foreach (Segment segment in segments.All)
        {
            if (segment.SizeBytes > 0 && segment.End.NextOffset > logStartOffset && segment.Largest.TimestampMs > (latest?.Largest.TimestampMs ?? -1))
            {
                latest = segment;
            }
        }

        if (latest is null)
        {
            return null;
        }

        TimeEntry largest = latest.Largest;
        return SegmentSearch.TryFindBatch(latest, largest.Offset, latest.SizeBytes, out int position, out _)
            ? Search(latest, position, largest.TimestampMs, logStartOffset, logEndOffset)
            : null;
    }

    private static TimestampedOffset? Search(Segment segment, int position, long timestampMs, long startOffset, long endOffset)
    {
        if (!segment.TryWindow(position, segment.SizeBytes, out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            return null;
        }

        using (lease)
        {
            var cursor = new BatchCursor(bytes.Span, position);
            while (cursor.MoveNext() && cursor.Current.BaseOffset < endOffset)
            {
                if (cursor.Current.MaxTimestamp >= timestampMs
                    && cursor.Current.LastOffset >= startOffset
                    && SearchBatch(cursor.Current, timestampMs, startOffset) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    private static TimestampedOffset? SearchBatch(in RecordBatchView batch, long timestampMs, long startOffset)
    {
        using var records = new RecordReader(batch);
        while (records.MoveNext())
        {
            RecordView record = records.Current;
            if (record.TimestampMs >= timestampMs && record.Offset >= startOffset)
            {
                return new TimestampedOffset(record.TimestampMs, record.Offset, batch.PartitionLeaderEpoch);
            }
        }

        return null;
    }
}
