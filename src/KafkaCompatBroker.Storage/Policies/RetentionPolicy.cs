namespace KafkaCompatBroker.Storage.Policies;

/// <summary>What retention needs to know of a segment. <see cref="UpperOffset"/> is where the next one begins, or the end of the log.</summary>
public readonly record struct RetentionFacts(long UpperOffset, int SizeBytes, long LargestTimestampMs);

/// <summary>Which of the oldest segments may go.</summary>
public static class RetentionPolicy
{
    /// <summary>
    /// Number of segments, counted from the oldest, that are due: below the log start offset, above retention.bytes, or older than retention.ms by the
    /// records' own timestamps. The active segment counts too, unless empty; nothing above the high watermark goes.
    /// </summary>
    public static int DueSegments(ReadOnlySpan<RetentionFacts> segments, LogConfig config, long logStartOffset, long highWatermark, long nowMs)
    {
        int due = 0;
        long total = 0;
        foreach (RetentionFacts segment in segments)
        {
            total += segment.SizeBytes;
        }

        for (int at = 0; at < segments.Length; at++)
        {
            bool isActive = at == segments.Length - 1;
            RetentionFacts segment = segments[at];
            if (highWatermark < segment.UpperOffset || (isActive && segment.SizeBytes == 0))
            {
                break;
            }

            bool belowStart = !isActive && segment.UpperOffset <= logStartOffset;
            bool tooMuch = config.IsDeleted && config.RetentionBytes >= 0 && total - segment.SizeBytes >= config.RetentionBytes;
            bool tooOld = config.IsDeleted && config.RetentionMs >= 0 && nowMs - segment.LargestTimestampMs > config.RetentionMs;
            if (!belowStart && !tooMuch && !tooOld)
            {
                break;
            }

            total -= segment.SizeBytes;
            due++;
        }

        return due;
    }
}
