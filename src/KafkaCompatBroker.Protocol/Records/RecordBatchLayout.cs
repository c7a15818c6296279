namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Positions and sizes, in bytes, of the header fields of batches and of the older message sets.</summary>
public static class RecordBatchLayout
{
    /// <summary>Base offset (int64).</summary>
    public const int BaseOffset = 0;

    /// <summary>Length (int32) of all that follows it.</summary>
    public const int Length = 8;

    /// <summary>Base offset and length: what is in front of the bytes that the length counts.</summary>
    public const int Overhead = 12;

    /// <summary>Epoch of the leader that appended the batch (int32), magic 2.</summary>
    public const int PartitionLeaderEpoch = 12;

    /// <summary>Magic (int8), at the same place in every version.</summary>
    public const int Magic = 16;

    /// <summary>How many bytes must be there to tell size and version.</summary>
    public const int SizeUpToMagic = 17;

    /// <summary>CRC-32C (uint32) of everything from <see cref="Attributes"/> to the end, magic 2.</summary>
    public const int Crc = 17;

    /// <summary>Attributes (int16), magic 2; the first byte that the checksum covers.</summary>
    public const int Attributes = 21;

    /// <summary>Offset of the last record less the base offset (int32), magic 2.</summary>
    public const int LastOffsetDelta = 23;

    /// <summary>Base of the timestamps, or the delete horizon (int64), magic 2.</summary>
    public const int BaseTimestamp = 27;

    /// <summary>Largest timestamp (int64), magic 2.</summary>
    public const int MaxTimestamp = 35;

    /// <summary>Producer id or -1 (int64), magic 2.</summary>
    public const int ProducerId = 43;

    /// <summary>Producer epoch or -1 (int16), magic 2.</summary>
    public const int ProducerEpoch = 51;

    /// <summary>Sequence number of the first record or -1 (int32), magic 2.</summary>
    public const int BaseSequence = 53;

    /// <summary>Number of records (int32), magic 2.</summary>
    public const int RecordCount = 57;

    /// <summary>Where the records begin: the size of the header, magic 2.</summary>
    public const int Records = 61;

    internal const int LegacyCrc = 12;
    internal const int LegacyAttributes = 17;
    internal const int LegacyTimestamp = 18;

    // crc 4, magic 1, attributes 1, key length 4, value length 4; magic 1 adds a timestamp of 8
    internal const int SmallestLengthV0 = 14;
    internal const int SmallestLengthV1 = 22;
    internal const int SmallestLengthV2 = Records - Overhead;

    internal const int CodecMask = 0x07;
    internal const int LogAppendTimeFlag = 0x08;
    internal const int TransactionalFlag = 0x10;
    internal const int ControlFlag = 0x20;
    internal const int DeleteHorizonFlag = 0x40;
}
