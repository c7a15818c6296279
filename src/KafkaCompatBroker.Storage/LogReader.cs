using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>Reads of one log. Takes no lock: it sees the published segments and what each of them has published.</summary>
internal sealed class LogReader(SegmentList segments)
{
    /// <summary>
    /// Whole batches from the one that contains <paramref name="offset"/> on, all of them ending before <paramref name="endOffset"/>, at most
    /// <paramref name="bytesMax"/> bytes; with <paramref name="atLeastOneBatch"/> the first one even if it is larger. With <paramref name="mayCut"/> the
    /// limit alone ends the bytes, a part of a batch may be the last of them.
    /// </summary>
    public LogSlice Read(long offset, int bytesMax, long endOffset, bool atLeastOneBatch, bool mayCut)
    {
        while (true)
        {
            ReadOnlySpan<Segment> all = segments.All;
            LogSlice slice = LogSlice.Empty;
            bool isFound = false;
            for (int at = Math.Max(0, SegmentList.Floor(all, offset)); at < all.Length && all[at].BaseOffset < endOffset && !isFound; at++)
            {
                isFound = TryRead(all[at], offset, bytesMax, endOffset, atLeastOneBatch, mayCut, out slice);

                // A segment without the batch may be one that another took the place of and whose file is gone; the next would be too far.
                if (slice.Memory.IsEmpty && segments.All != all)
                {
                    break;
                }
            }

            if (!slice.Memory.IsEmpty || segments.All == all)
            {
                return slice;
            }
        }
    }

    /// <summary>Where the segment that holds an offset ends: at the next one, or at the end of the log.</summary>
    public long UpperBoundAt(long offset, long logEndOffset)
    {
        ReadOnlySpan<Segment> all = segments.All;
        int next = SegmentList.Floor(all, offset) + 1;
        return next < all.Length ? all[next].BaseOffset : logEndOffset;
    }

    /// <summary>Aborted transactions that overlap [from, to), in order of their markers.</summary>
    public List<AbortedTransaction> AbortedTransactions(long from, long to)
    {
        var found = new List<AbortedTransaction>();
        ReadOnlySpan<Segment> all = segments.All;
        for (int at = Math.Max(0, SegmentList.Floor(all, from)); at < all.Length; at++)
        {
            if (all[at].Transactions.Collect(from, to, found))
            {
                break;
            }
        }

        return found;
    }

    // False when the segment has no batch from the offset on, and the next one must be asked.
    private static bool TryRead(Segment segment, long offset, int bytesMax, long endOffset, bool atLeastOneBatch, bool mayCut, out LogSlice slice)
    {
        SegmentEnd end = segment.End;
        if (!SegmentSearch.TryFindBatch(segment, offset, end.SizeBytes, out int start, out int firstSize))
        {
            slice = start < end.SizeBytes ? LogSlice.Corrupt : LogSlice.Empty;
            return start < end.SizeBytes;
        }

        slice = LogSlice.Empty;

        int stop = end.SizeBytes;
        if (endOffset < end.NextOffset && SegmentSearch.TryFindBatch(segment, endOffset, end.SizeBytes, out int beyond, out _))
        {
            stop = beyond;
        }

        if (stop - start > bytesMax)
        {
            int whole = firstSize >= bytesMax ? start : mayCut ? start + bytesMax : SegmentSearch.WholeBatchesEnd(segment, start, start + bytesMax);
            stop = whole > start ? whole : atLeastOneBatch || firstSize == bytesMax ? Math.Min(stop, start + firstSize) : start;
        }

        if (stop > start && segment.TryWindow(start, stop, out ReadOnlyMemory<byte> bytes, out SegmentLease lease))
        {
            slice = new LogSlice(ReadStatus.Ok, bytes, lease, segment.BaseOffset, start);
        }

        return true;
    }
}
