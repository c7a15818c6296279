namespace KafkaCompatBroker.Storage.Policies;

/// <summary>What retention needs to know of a segment. <see cref="UpperOffset"/> is where the next one begins, or the end of the log.</summary>
public readonly record struct RetentionFacts(long UpperOffset, int SizeBytes, bool IsActive);

/// <summary>
/// Which of the oldest segments may go: below the log start offset, above retention.bytes, or older than retention.ms by the records' own timestamps.
/// Asked from the oldest on; the first that stays ends it. Times are asked for last, since they may have to be read from the disk.
/// </summary>
public static class RetentionPolicy
{
    /// <summary>Nothing above the high watermark goes, nor an active segment that is empty.</summary>
    public static bool MayGo(in RetentionFacts segment, long highWatermark)
        => highWatermark >= segment.UpperOffset && !(segment.IsActive && segment.SizeBytes == 0);

    public static bool IsBelowStart(in RetentionFacts segment, long logStartOffset) => !segment.IsActive && segment.UpperOffset <= logStartOffset;

    /// <summary>Whether at least retention.bytes are left without the segment. <paramref name="totalBytes"/> counts it and what is newer.</summary>
    public static bool IsTooMuch(in RetentionFacts segment, LogConfig config, long totalBytes)
        => config.IsDeleted && config.RetentionBytes >= 0 && totalBytes - segment.SizeBytes >= config.RetentionBytes;

    public static bool UsesTime(LogConfig config) => config.IsDeleted && config.RetentionMs >= 0;

    public static bool IsTooOld(LogConfig config, long largestTimestampMs, long nowMs) => nowMs - largestTimestampMs > config.RetentionMs;
}
