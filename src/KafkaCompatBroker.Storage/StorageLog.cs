using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Storage;

/// <summary>Everything the storage layer logs.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(1, LogLevel.Error, "Log directory {Directory} is offline: {Reason}")]
    public static partial void DirectoryFailed(ILogger logger, string directory, string reason);

    [LoggerMessage(2, LogLevel.Warning, "No room on {Directory}: {Operation} of {Log} is put off")]
    public static partial void DiskFull(ILogger logger, string directory, string operation, string log);

    [LoggerMessage(3, LogLevel.Warning, "Recovery of {Log} cut {Bytes} bytes at offset {Offset}, {Segments} later segments dropped")]
    public static partial void TailCut(ILogger logger, string log, long bytes, long offset, int segments);

    [LoggerMessage(4, LogLevel.Warning, "Producer snapshot {Path} is damaged and was removed")]
    public static partial void SnapshotDamaged(ILogger logger, string path);

    [LoggerMessage(5, LogLevel.Warning, "Checkpoint {File} in {Directory} cannot be read; its offsets are worked out from the logs")]
    public static partial void CheckpointDamaged(ILogger logger, string file, string directory);

    [LoggerMessage(6, LogLevel.Information, "Loaded {Count} logs from {Directory} in {ElapsedMs} ms (clean shutdown: {Clean})")]
    public static partial void DirectoryLoaded(ILogger logger, int count, string directory, long elapsedMs, bool clean);

    [LoggerMessage(7, LogLevel.Warning, "Directory {Path} is no partition directory and is left alone")]
    public static partial void StrayDirectory(ILogger logger, string path);

    [LoggerMessage(8, LogLevel.Error, "Log {Path} could not be loaded: {Reason}")]
    public static partial void LoadFailed(ILogger logger, string path, string reason);

    [LoggerMessage(9, LogLevel.Information, "Deleted {Count} segments of {Log}; it starts at {LogStartOffset} now")]
    public static partial void SegmentsDeleted(ILogger logger, int count, string log, long logStartOffset);

    [LoggerMessage(11, LogLevel.Information, "Compacted {Log} from offset {From} to {To}: {BytesBefore} bytes before, {BytesAfter} after")]
    public static partial void Compacted(ILogger logger, string log, long from, long to, long bytesBefore, long bytesAfter);

    [LoggerMessage(12, LogLevel.Error, "{Log} cannot be compacted and is left as it is until the next start: {Reason}")]
    public static partial void Uncleanable(ILogger logger, string log, string reason);

    [LoggerMessage(13, LogLevel.Error, "{Log} could not be read at offset {Offset}: {Reason}")]
    public static partial void ReadFailed(ILogger logger, string log, long offset, string reason);

    [LoggerMessage(10, LogLevel.Warning, "Background work on {Directory} came after its log was closed")]
    public static partial void LaneFailed(ILogger logger, string directory, Exception exception);
}
