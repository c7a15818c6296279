using System.Buffers.Binary;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// Changes header fields of a batch of magic 2 in place. Base offset and leader epoch are outside the checksum; the others
/// are inside and make it new, so the caller must have verified the old one before.
/// </summary>
public static class RecordBatchEdit
{
    /// <summary>Sets the offset of the first record. Right for a message of magic 0 or 1 that is not compressed, too.</summary>
    public static void SetBaseOffset(Span<byte> batch, long baseOffset) =>
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchLayout.BaseOffset..], baseOffset);

    /// <summary>Sets the epoch of the leader that appends the batch.</summary>
    public static void SetPartitionLeaderEpoch(Span<byte> batch, int leaderEpoch) =>
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchLayout.PartitionLeaderEpoch..], leaderEpoch);

    /// <summary>Makes <paramref name="appendTimeMs"/> (ms since the epoch) the timestamp of all records.</summary>
    public static void SetAppendTime(Span<byte> batch, long appendTimeMs) =>
        SetMaxTimestamp(batch, TimestampType.LogAppendTime, appendTimeMs);

    /// <summary>Sets the type of the timestamps and the largest of them, in ms since the epoch.</summary>
    /// <param name="batch">The batch, or its beginning with the whole header.</param>
    /// <param name="type">Whose clock the timestamps are of.</param>
    /// <param name="maxTimestampMs">The largest of them.</param>
    /// <param name="rest">What follows <paramref name="batch"/> when that is only the beginning.</param>
    public static void SetMaxTimestamp(Span<byte> batch, TimestampType type, long maxTimestampMs, ReadOnlySpan<byte> rest = default)
    {
        int attributes = BinaryPrimitives.ReadInt16BigEndian(batch[RecordBatchLayout.Attributes..]);
        attributes = type == TimestampType.LogAppendTime
            ? attributes | RecordBatchLayout.LogAppendTimeFlag
            : attributes & ~RecordBatchLayout.LogAppendTimeFlag;
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchLayout.Attributes..], (short)attributes);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchLayout.MaxTimestamp..], maxTimestampMs);
        WriteCrc(batch, rest);
    }

    /// <summary>Computes and stores the checksum. <paramref name="batch"/> and <paramref name="rest"/> together must be exactly one batch.</summary>
    public static void WriteCrc(Span<byte> batch, ReadOnlySpan<byte> rest = default) =>
        BinaryPrimitives.WriteUInt32BigEndian(
            batch[RecordBatchLayout.Crc..], Crc32C.Append(Crc32C.Compute(batch[RecordBatchLayout.Attributes..]), rest));
}
