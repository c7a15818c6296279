using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>Finds batches in the published part of a segment: an index leads near, batch headers decide.</summary>
internal static class SegmentSearch
{
    // What is read at a time from files that are not mapped.
    private const int CopiedWindow = 64 * 1024;

    /// <summary>
    /// First batch whose last offset is not below the offset, among the bytes before <paramref name="endPosition"/>. Without one the position is the end, or
    /// where something stands that is no batch.
    /// </summary>
    public static bool TryFindBatch(Segment segment, long offset, int endPosition, out int position, out int size)
    {
        position = endPosition;
        size = 0;
        IndexEntry entry = ConfirmedEntry(segment, offset);
        int from = entry.Position;
        int window = segment.IsZeroCopy ? int.MaxValue : CopiedWindow;
        while (from < endPosition && segment.TryWindow(from, (int)Math.Min(endPosition, from + (long)window), out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            using (lease)
            {
                var cursor = new BatchCursor(bytes.Span, from);
                while (cursor.MoveNext())
                {
                    if (cursor.Current.LastOffset >= offset)
                    {
                        position = cursor.Position;
                        size = cursor.Current.SizeInBytes;
                        return true;
                    }
                }

                if (from + (long)window >= endPosition)
                {
                    position = cursor.NextPosition;
                    return false;
                }

                window = cursor.NextPosition > from ? window : (int)Math.Min(window * 4L, int.MaxValue);
                from = cursor.NextPosition;
            }
        }

        return false;
    }

    /// <summary>End of the last whole batch that starts at or after <paramref name="from"/> and ends at or before <paramref name="limit"/>.</summary>
    public static int WholeBatchesEnd(Segment segment, int from, int limit)
    {
        int end = Math.Min(segment.SizeBytes, limit);
        IndexEntry entry = segment.Indexes.Offsets.AtOrBelowPosition(limit);
        int start = entry.Position > from && SegmentIndexes.Confirms(segment, entry, segment.SizeBytes) ? entry.Position : from;
        if (!segment.TryWindow(start, end, out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            return start;
        }

        using (lease)
        {
            var cursor = new BatchCursor(bytes.Span, start);
            while (cursor.MoveNext())
            {
            }

            return cursor.NextPosition;
        }
    }

    /// <summary>Position from which a search for the first record at or after a time must go on.</summary>
    public static int PositionBefore(Segment segment, long timestampMs, long startOffset)
    {
        SegmentIndexes indexes = segment.Indexes;
        TimeEntry? entry = indexes.Time.Lookup(timestampMs);
        if (segment.IndexesWritten && !SegmentIndexes.Confirms(segment, indexes.Offsets, entry, segment.SizeBytes))
        {
            entry = segment.RebuildIndexes().Time.Lookup(timestampMs);
        }

        return ConfirmedEntry(segment, Math.Max(entry?.Offset ?? segment.BaseOffset, startOffset)).Position;
    }

    /// <summary>Timestamp of the first batch; -1 without one.</summary>
    public static long FirstTimestamp(Segment segment)
    {
        Span<byte> header = stackalloc byte[RecordBatchLayout.Records];
        int read = segment.File.ReadInto(0, header);
        return read < RecordBatchLayout.Records ? -1 : HeaderPeek.MaxTimestamp(header);
    }

    /// <summary>Largest timestamp and the first batch that has it, read from the last time entry on.</summary>
    public static TimeEntry Largest(Segment segment, SegmentIndexes indexes)
    {
        TimeEntry largest = indexes.Time.Last ?? new TimeEntry(-1, -1);
        int from = largest.Offset < 0 ? 0 : indexes.Offsets.Lookup(largest.Offset).Position;
        if (segment.TryWindow(from, segment.SizeBytes, out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            using (lease)
            {
                var cursor = new BatchCursor(bytes.Span, from);
                while (cursor.MoveNext())
                {
                    if (cursor.Current.MaxTimestamp > largest.TimestampMs)
                    {
                        largest = new TimeEntry(cursor.Current.MaxTimestamp, cursor.Current.LastOffset);
                    }
                }
            }
        }

        return largest;
    }

    /// <summary>Offset after the batch that ends at a position.</summary>
    public static long NextOffsetAt(Segment segment, int endPosition)
    {
        int from = segment.Indexes.Offsets.AtOrBelowPosition(endPosition - 1).Position;
        long nextOffset = segment.BaseOffset;
        if (segment.TryWindow(from, endPosition, out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            using (lease)
            {
                var cursor = new BatchCursor(bytes.Span, from);
                while (cursor.MoveNext())
                {
                    nextOffset = cursor.Current.NextOffset;
                }
            }
        }

        return nextOffset;
    }

    // Entries that came from a file are confirmed by the batch they lead to; one that is wrong costs a rebuild, never a wrong answer.
    private static IndexEntry ConfirmedEntry(Segment segment, long offset)
    {
        IndexEntry entry = segment.Indexes.Offsets.Lookup(offset);
        return !segment.IndexesWritten || SegmentIndexes.Confirms(segment, entry, segment.SizeBytes) ? entry : segment.RebuildIndexes().Offsets.Lookup(offset);
    }
}
