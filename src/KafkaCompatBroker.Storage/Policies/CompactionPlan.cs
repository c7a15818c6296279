namespace KafkaCompatBroker.Storage.Policies;

/// <summary>What compaction needs to know of a segment. <see cref="UpperOffset"/> is where the next one begins, or the end of the log.</summary>
/// <param name="BaseOffset">Where it begins.</param>
/// <param name="UpperOffset">Where the next one begins.</param>
/// <param name="SizeBytes">Bytes of batches.</param>
/// <param name="OffsetIndexBytes">Bytes of its offset index.</param>
/// <param name="TimeIndexBytes">Bytes of its time index.</param>
public readonly record struct CompactionFacts(long BaseOffset, long UpperOffset, int SizeBytes, int OffsetIndexBytes, int TimeIndexBytes);

/// <summary>The part of a log that may be compacted now, and how much there is to gain.</summary>
/// <param name="FirstDirty">Everything below was compacted before.</param>
/// <param name="FirstUncleanable">Nothing from here on may be looked at yet.</param>
/// <param name="CleanBytes">Size of the segments below <paramref name="FirstDirty"/>.</param>
/// <param name="DirtyBytes">Size of the segments in between.</param>
/// <param name="IsOverdue">Whether max.compaction.lag.ms is over for something in between.</param>
public readonly record struct CompactionRange(long FirstDirty, long FirstUncleanable, long CleanBytes, long DirtyBytes, bool IsOverdue)
{
    /// <summary>Share of the log that is dirty; 0 for an empty one.</summary>
    public double DirtyRatio => DirtyBytes == 0 ? 0 : (double)DirtyBytes / (CleanBytes + DirtyBytes);

    public bool IsDue(LogConfig config) => DirtyBytes > 0 && (IsOverdue || DirtyRatio > config.MinCleanableDirtyRatio);
}

/// <summary>What of a log is compacted, when, and which segments become one. The active segment is never touched.</summary>
public static class CompactionPlan
{
    /// <summary>Where the dirty part begins: where the last round ended, unless the log has been trimmed or truncated since.</summary>
    public static long FirstDirty(long cleanedUpTo, long logStartOffset, long logEndOffset)
        => cleanedUpTo < logStartOffset || cleanedUpTo > logEndOffset ? logStartOffset : cleanedUpTo;

    /// <summary>
    /// Where the dirty part ends: at the active segment, at the last stable offset (the fate of later records is open), and at the first
    /// segment with a record that is younger than min.compaction.lag.ms.
    /// </summary>
    public static long FirstUncleanable(
        ReadOnlySpan<CompactionFacts> segments, long firstDirty, long lastStableOffset, LogConfig config, Func<int, long> largestTimestampMs, long nowMs)
    {
        long end = Math.Min(lastStableOffset, segments[^1].BaseOffset);
        if (config.MinCompactionLagMs > 0)
        {
            for (int at = 0; at < segments.Length - 1 && segments[at].BaseOffset < end; at++)
            {
                if (segments[at].UpperOffset > firstDirty && largestTimestampMs(at) > nowMs - config.MinCompactionLagMs)
                {
                    end = segments[at].BaseOffset;
                }
            }
        }

        return Math.Max(end, firstDirty);
    }

    /// <summary>Whether the oldest record of the dirty segments has waited for longer than max.compaction.lag.ms.</summary>
    public static bool IsOverdue(ReadOnlySpan<CompactionFacts> segments, long firstDirty, LogConfig config, Func<int, long> firstTimestampMs, long nowMs)
    {
        if (config.MaxCompactionLagMs == long.MaxValue)
        {
            return false;
        }

        long until = nowMs - Math.Max(config.MaxCompactionLagMs, 0);
        for (int at = 0; at < segments.Length - 1; at++)
        {
            if (segments[at].UpperOffset > firstDirty && firstTimestampMs(at) is > 0 and var first && first < until)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sizes of the segments below and from the first dirty offset on, as far as they begin below the first uncleanable one.</summary>
    public static (long CleanBytes, long DirtyBytes) Sizes(ReadOnlySpan<CompactionFacts> segments, long firstDirty, long firstUncleanable)
    {
        long clean = 0;
        long dirty = 0;
        foreach (CompactionFacts segment in segments)
        {
            if (segment.UpperOffset <= firstDirty)
            {
                clean += segment.SizeBytes;
            }
            else if (segment.BaseOffset < firstUncleanable)
            {
                dirty += segment.SizeBytes;
            }
        }

        return (clean, dirty);
    }

    /// <summary>
    /// Neighbouring segments that begin below <paramref name="endOffset"/> and become one: together no larger than a segment may be, their
    /// indexes neither, and their offsets within 2^31 of the first. Returns the number of segments of each group.
    /// </summary>
    public static IReadOnlyList<int> Groups(ReadOnlySpan<CompactionFacts> segments, long endOffset, LogConfig config)
    {
        var groups = new List<int>();
        int at = 0;
        while (at < segments.Length - 1 && segments[at].BaseOffset < endOffset)
        {
            long size = segments[at].SizeBytes;
            long offsetIndex = segments[at].OffsetIndexBytes;
            long timeIndex = segments[at].TimeIndexBytes;
            int next = at + 1;
            while (next < segments.Length - 1 && segments[next].BaseOffset < endOffset)
            {
                CompactionFacts more = segments[next];
                size += more.SizeBytes;
                offsetIndex += more.OffsetIndexBytes;
                timeIndex += more.TimeIndexBytes;
                bool fits = size <= config.SegmentBytes
                    && offsetIndex <= config.IndexBytesMax
                    && timeIndex <= config.IndexBytesMax
                    && more.UpperOffset - 1 - segments[at].BaseOffset <= int.MaxValue;
                if (!fits)
                {
                    break;
                }

                next++;
            }

            groups.Add(next - at);
            at = next;
        }

        return groups;
    }
}
