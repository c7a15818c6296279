using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>Why a read gave no bytes, or that it was in range.</summary>
public enum ReadStatus
{
    Ok,

    /// <summary>Below the log start offset or above the end (OFFSET_OUT_OF_RANGE).</summary>
    OutOfRange,

    /// <summary>The bytes on disk at the offset are no batch (CORRUPT_MESSAGE); what comes after may be whole.</summary>
    Corrupt,

    /// <summary>The file cannot be opened or mapped now, for example for want of descriptors (KAFKA_STORAGE_ERROR).</summary>
    Failed,
}

/// <summary>
/// Whole batches of one segment, as they are in the file. <see cref="Lease"/> must be disposed once the bytes are not used any more; an empty slice
/// carries one that needs nothing.
/// </summary>
public readonly record struct LogSlice(ReadStatus Status, ReadOnlyMemory<byte> Memory, SegmentLease Lease, long SegmentBaseOffset, int Position)
{
    internal static LogSlice Empty { get; } = new(ReadStatus.Ok, default, SegmentLease.None, -1, -1);

    internal static LogSlice Corrupt { get; } = new(ReadStatus.Corrupt, default, SegmentLease.None, -1, -1);

    internal static LogSlice Failed { get; } = new(ReadStatus.Failed, default, SegmentLease.None, -1, -1);

    internal static LogSlice OutOfRange { get; } = new(ReadStatus.OutOfRange, default, SegmentLease.None, -1, -1);
}
