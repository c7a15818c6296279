namespace KafkaCompatBroker.Storage.Policies;

/// <summary>What decides whether the active segment is full.</summary>
public readonly record struct RollFacts(
    long BaseOffset,
    int SizeBytes,
    long FirstTimestampMs,
    long CreatedMs,
    int OffsetIndexEntries,
    int TimeIndexEntries,
    long JitterMs);

/// <summary>When a new segment begins.</summary>
public static class RollPolicy
{
    public static bool ShouldRoll(in RollFacts segment, LogConfig config, int incomingBytes, long incomingMaxTimestampMs, long incomingLastOffset, long nowMs)
    {
        if (segment.SizeBytes > config.SegmentBytes - incomingBytes
            || segment.OffsetIndexEntries >= config.IndexBytesMax / 8
            || segment.TimeIndexEntries >= (config.IndexBytesMax / 12) - 1
            || incomingLastOffset - segment.BaseOffset > int.MaxValue)
        {
            return segment.SizeBytes > 0 || incomingLastOffset - segment.BaseOffset > int.MaxValue;
        }

        return segment.SizeBytes > 0 && Waited(segment, incomingMaxTimestampMs, nowMs) > config.SegmentMsMax - segment.JitterMs;
    }

    /// <summary>A stable pseudo-random share of segment.jitter.ms, so that partitions made together do not roll together.</summary>
    public static long Jitter(LogConfig config, int partitionHash, long baseOffset)
    {
        long range = Math.Min(config.SegmentJitterMs, config.SegmentMs);
        return range <= 0 ? 0 : (long)((uint)HashOf(partitionHash, baseOffset) % (ulong)range);
    }

    private static int HashOf(int partitionHash, long baseOffset)
        => unchecked((int)(((unchecked((uint)partitionHash) * 0x9E3779B97F4A7C15UL) ^ ((ulong)baseOffset * 0xC2B2AE3D27D4EB4FUL)) >> 32));

    // The age of a segment is measured in record time when its first batch has a timestamp, in wall time otherwise.
    private static long Waited(in RollFacts segment, long incomingMaxTimestampMs, long nowMs)
        => segment.FirstTimestampMs >= 0 ? incomingMaxTimestampMs - segment.FirstTimestampMs : nowMs - segment.CreatedMs;
}
