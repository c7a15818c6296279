using System.Globalization;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>File and directory names of a log, as Kafka writes them.</summary>
public static class SegmentName
{
    public const string LogSuffix = ".log";
    public const string OffsetIndexSuffix = ".index";
    public const string TimeIndexSuffix = ".timeindex";
    public const string TransactionIndexSuffix = ".txnindex";
    public const string SnapshotSuffix = ".snapshot";
    public const string DeletedSuffix = ".deleted";
    public const string CleanedSuffix = ".cleaned";
    public const string SwapSuffix = ".swap";
    public const string DeleteDirectorySuffix = "-delete";
    public const string FutureDirectorySuffix = "-future";
    public const string StrayDirectorySuffix = "-stray";

    private const int OffsetDigits = 20;
    private const int NameLengthMax = 255;

    /// <summary>Name of a segment's file: the base offset in 20 digits and the suffix.</summary>
    public static string Of(long baseOffset, string suffix) => baseOffset.ToString("D20", CultureInfo.InvariantCulture) + suffix;

    /// <summary>The base offset of a file that is named exactly after an offset and the suffix.</summary>
    public static bool TryParse(string fileName, string suffix, out long baseOffset)
    {
        baseOffset = -1;
        return fileName.Length == OffsetDigits + suffix.Length
            && fileName.EndsWith(suffix, StringComparison.Ordinal)
            && long.TryParse(fileName.AsSpan(0, OffsetDigits), NumberStyles.None, CultureInfo.InvariantCulture, out baseOffset);
    }

    /// <summary>The offset at the start of any file name of a segment.</summary>
    public static bool TryParseOffset(string fileName, out long baseOffset)
    {
        baseOffset = -1;
        return fileName.Length > OffsetDigits
            && long.TryParse(fileName.AsSpan(0, OffsetDigits), NumberStyles.None, CultureInfo.InvariantCulture, out baseOffset);
    }

    /// <summary>Directory of a partition: topic-partition.</summary>
    public static string DirectoryOf(string topic, int partition) => string.Create(CultureInfo.InvariantCulture, $"{topic}-{partition}");

    /// <summary>Topic and partition of a directory name without a suffix.</summary>
    public static bool TryParseDirectory(string name, out string topic, out int partition)
    {
        int dash = name.LastIndexOf('-');
        topic = dash > 0 ? name[..dash] : "";
        partition = -1;
        return dash > 0 && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out partition);
    }

    /// <summary>Topic and partition of a directory of a log that moves to another log directory.</summary>
    public static bool TryParseFuture(string name, out string topic, out int partition)
    {
        int dot = name.LastIndexOf('.');
        bool isFuture = dot > 0 && name.EndsWith(FutureDirectorySuffix, StringComparison.Ordinal);
        return TryParseDirectory(isFuture ? name[..dot] : "", out topic, out partition);
    }

    /// <summary>Name under which a directory waits for deletion (or is kept as stray): shortened so that it fits a file name.</summary>
    public static string MarkedDirectory(string topic, int partition, Guid unique, string suffix)
    {
        string tail = string.Create(CultureInfo.InvariantCulture, $"-{partition}.{unique:N}{suffix}");
        return string.Concat(topic.AsSpan(0, Math.Min(topic.Length, NameLengthMax - tail.Length)), tail);
    }
}
