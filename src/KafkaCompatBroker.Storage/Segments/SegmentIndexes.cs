using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>The offset and time index of a segment, in memory as long as they are in use.</summary>
internal sealed class SegmentIndexes(OffsetIndex offsets, TimeIndex time)
{
    public SegmentIndexes(long baseOffset)
        : this(new OffsetIndex(baseOffset), new TimeIndex(baseOffset))
    {
    }

    public OffsetIndex Offsets { get; } = offsets;

    public TimeIndex Time { get; } = time;

    public void Truncate(long offset, int position)
    {
        Offsets.Truncate(offset, position);
        Time.Truncate(offset);
    }

    /// <summary>Reads the index files; null when one is missing, torn or does not fit the segment, and they must be rebuilt.</summary>
    public static SegmentIndexes? TryLoad(IFileStore store, Segment segment, SegmentEnd end)
    {
        if (store.ReadAll(segment.PathOf(SegmentName.OffsetIndexSuffix)) is not { } offsetBytes
            || store.ReadAll(segment.PathOf(SegmentName.TimeIndexSuffix)) is not { } timeBytes)
        {
            return null;
        }

        OffsetIndex? offsets = OffsetIndex.TryParse(segment.BaseOffset, offsetBytes, end.SizeBytes);
        TimeIndex? time = TimeIndex.TryParse(segment.BaseOffset, timeBytes, end.NextOffset);
        bool usable = offsets is not null
            && time is not null
            && Confirms(segment, offsets.Last, end.SizeBytes)
            && Confirms(segment, offsets, time.Last, end.SizeBytes);
        segment.IndexesWritten = usable;
        return usable ? new SegmentIndexes(offsets!, time!) : null;
    }

    /// <summary>Makes the indexes from the batches; the files are written when the segment is next flushed or closed.</summary>
    public static SegmentIndexes Rebuild(Segment segment, SegmentEnd end, int intervalBytes)
    {
        var builder = new IndexBuilder(segment.BaseOffset, intervalBytes);
        if (segment.TryWindow(0, end.SizeBytes, out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            using (lease)
            {
                var cursor = new BatchCursor(bytes.Span, 0);
                while (cursor.MoveNext())
                {
                    builder.Note(cursor.Position, cursor.Current.LastOffset, cursor.Current.MaxTimestamp);
                }
            }
        }

        segment.IndexesWritten = false;
        return builder.Finish();
    }

    /// <summary>Whether the batch that an entry leads to is the one it names. Finds files that are damaged or belong to other contents.</summary>
    public static bool Confirms(Segment segment, in IndexEntry entry, int endPosition)
    {
        if (entry.LastOffset < 0)
        {
            return true;
        }

        int header = Math.Min(endPosition, entry.Position + RecordBatchLayout.Records);
        if (!segment.TryWindow(entry.Position, header, out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            return false;
        }

        using (lease)
        {
            return HeaderPeek.LastOffset(bytes.Span) == entry.LastOffset;
        }
    }

    /// <summary>Whether the batch that a time entry leads to has its timestamp.</summary>
    public static bool Confirms(Segment segment, OffsetIndex offsets, in TimeEntry? entry, int endPosition)
    {
        if (entry is not { } expected)
        {
            return true;
        }

        int from = offsets.Lookup(expected.Offset).Position;
        if (!segment.TryWindow(from, endPosition, out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            return false;
        }

        using (lease)
        {
            var cursor = new BatchCursor(bytes.Span, from);
            while (cursor.MoveNext())
            {
                if (cursor.Current.LastOffset >= expected.Offset)
                {
                    return cursor.Current.MaxTimestamp == expected.TimestampMs;
                }
            }
        }

        return false;
    }
}
