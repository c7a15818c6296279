using System.Buffers.Binary;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// The header of the batch at the start of some bytes, read in place. Magic 2 in full; of the older message sets (magic 0
/// and 1) one message, which may be the wrapper of compressed ones.
/// </summary>
public readonly ref struct RecordBatchView
{
    private readonly ReadOnlySpan<byte> _bytes;

    private RecordBatchView(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>All bytes of the batch, header included.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>What follows the header: records, compressed if <see cref="Codec"/> says so (magic 2).</summary>
    public ReadOnlySpan<byte> RecordBytes => _bytes[RecordBatchLayout.Records..];

    /// <summary>
    /// Offset of the first record. A message of magic 0 or 1 says only its own offset, which for a compressed wrapper is
    /// that of the last record inside.
    /// </summary>
    public long BaseOffset => ReadInt64(RecordBatchLayout.BaseOffset);

    /// <summary>Bytes that follow the length field.</summary>
    public int BatchLength => ReadInt32(RecordBatchLayout.Length);

    /// <summary>Bytes of the whole batch.</summary>
    public int SizeInBytes => _bytes.Length;

    /// <summary>Epoch of the leader that appended the batch; -1 when unknown and for magic 0 and 1.</summary>
    public int PartitionLeaderEpoch => IsLegacy ? -1 : ReadInt32(RecordBatchLayout.PartitionLeaderEpoch);

    /// <summary>Version of the format: 0, 1 or 2.</summary>
    public byte Magic => _bytes[RecordBatchLayout.Magic];

    /// <summary>The checksum as stored: CRC-32C for magic 2, CRC-32 before.</summary>
    public uint Crc => (uint)ReadInt32(IsLegacy ? RecordBatchLayout.LegacyCrc : RecordBatchLayout.Crc);

    /// <summary>The attribute bits.</summary>
    public short Attributes =>
        IsLegacy ? _bytes[RecordBatchLayout.LegacyAttributes] : ReadInt16(RecordBatchLayout.Attributes);

    /// <summary>The codec; values above 4 are not defined and must be refused by who reads records.</summary>
    public CompressionType Codec => (CompressionType)(Attributes & RecordBatchLayout.CodecMask);

    /// <summary>Whether the timestamps are the producer's or the leader's.</summary>
    public TimestampType TimestampType =>
        Magic == 0 ? TimestampType.None
        : (Attributes & RecordBatchLayout.LogAppendTimeFlag) != 0 ? TimestampType.LogAppendTime
        : TimestampType.CreateTime;

    /// <summary>Whether the records belong to a transaction.</summary>
    public bool IsTransactional => !IsLegacy && (Attributes & RecordBatchLayout.TransactionalFlag) != 0;

    /// <summary>Whether the batch holds control records (markers, leader changes, voters), never client data.</summary>
    public bool IsControl => !IsLegacy && (Attributes & RecordBatchLayout.ControlFlag) != 0;

    /// <summary>Whether <see cref="DeleteHorizonMs"/> takes the place of the base timestamp (KIP-534).</summary>
    public bool HasDeleteHorizon => !IsLegacy && (Attributes & RecordBatchLayout.DeleteHorizonFlag) != 0;

    /// <summary>When tombstones and markers of this batch may go, in ms since the epoch; null when not set.</summary>
    public long? DeleteHorizonMs => HasDeleteHorizon ? ReadInt64(RecordBatchLayout.BaseTimestamp) : null;

    /// <summary>Last offset less base offset as the header has it; 0 for magic 0 and 1.</summary>
    public int LastOffsetDelta => IsLegacy ? 0 : ReadInt32(RecordBatchLayout.LastOffsetDelta);

    /// <summary>Offset of the last record.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>Offset of the first record after this batch.</summary>
    public long NextOffset => LastOffset + 1;

    /// <summary>What timestamp deltas of records are relative to, ms since the epoch; -1 for magic 0.</summary>
    public long BaseTimestamp => IsLegacy ? MaxTimestamp : ReadInt64(RecordBatchLayout.BaseTimestamp);

    /// <summary>Largest timestamp in ms since the epoch, or the append time; -1 for none.</summary>
    public long MaxTimestamp =>
        Magic switch
        {
            0 => -1,
            1 => ReadInt64(RecordBatchLayout.LegacyTimestamp),
            _ => ReadInt64(RecordBatchLayout.MaxTimestamp),
        };

    /// <summary>Producer id; -1 for none.</summary>
    public long ProducerId => IsLegacy ? -1 : ReadInt64(RecordBatchLayout.ProducerId);

    /// <summary>Whether an idempotent or transactional producer wrote the batch.</summary>
    public bool HasProducerId => ProducerId > -1;

    /// <summary>Producer epoch; -1 for none.</summary>
    public short ProducerEpoch => IsLegacy ? (short)-1 : ReadInt16(RecordBatchLayout.ProducerEpoch);

    /// <summary>Sequence number of the first record; -1 for none.</summary>
    public int BaseSequence => IsLegacy ? -1 : ReadInt32(RecordBatchLayout.BaseSequence);

    /// <summary>Sequence number of the last record; after 2^31-1 comes 0. -1 for none.</summary>
    public int LastSequence
    {
        get
        {
            int baseSequence = BaseSequence;
            return baseSequence == -1 ? -1 : ProducerSequence.Add(baseSequence, LastOffsetDelta);
        }
    }

    /// <summary>Number of records as the header has it; -1 for a compressed message of magic 0 or 1, which does not say.</summary>
    public int RecordCount =>
        !IsLegacy ? ReadInt32(RecordBatchLayout.RecordCount)
        : Codec == CompressionType.None ? 1
        : -1;

    private bool IsLegacy => Magic < 2;

    /// <summary>Whether the stored checksum is that of the bytes.</summary>
    public bool IsCrcValid() => Crc == ComputeCrc();

    /// <summary>The checksum that the bytes have: CRC-32C from the attributes on for magic 2, CRC-32 from the magic on before.</summary>
    public uint ComputeCrc() =>
        IsLegacy
            ? Crc32.Compute(_bytes[RecordBatchLayout.Magic..])
            : Crc32C.Compute(_bytes[RecordBatchLayout.Attributes..]);

    /// <summary>
    /// Finds the batch at the start of <paramref name="bytes"/>; what follows it is left alone. Only length and magic are
    /// checked. A length near 2^31, which no array could hold, is corrupt rather than incomplete.
    /// </summary>
    public static RecordBatchStatus TryRead(ReadOnlySpan<byte> bytes, out RecordBatchView batch)
    {
        batch = default;
        if (bytes.Length < RecordBatchLayout.Overhead)
            return RecordBatchStatus.NeedMoreBytes;

        int length = BinaryPrimitives.ReadInt32BigEndian(bytes[RecordBatchLayout.Length..]);
        if (length < RecordBatchLayout.SmallestLengthV0 || length > Array.MaxLength - RecordBatchLayout.Overhead)
            return RecordBatchStatus.Corrupt;
        if (bytes.Length < RecordBatchLayout.SizeUpToMagic)
            return RecordBatchStatus.NeedMoreBytes;

        int smallest = bytes[RecordBatchLayout.Magic] switch
        {
            0 => RecordBatchLayout.SmallestLengthV0,
            1 => RecordBatchLayout.SmallestLengthV1,
            2 => RecordBatchLayout.SmallestLengthV2,
            _ => int.MaxValue,
        };
        if (length < smallest)
            return RecordBatchStatus.Corrupt;

        int size = length + RecordBatchLayout.Overhead;
        if (bytes.Length < size)
            return RecordBatchStatus.NeedMoreBytes;

        batch = new RecordBatchView(bytes[..size]);
        return RecordBatchStatus.Ok;
    }

    private short ReadInt16(int position) => BinaryPrimitives.ReadInt16BigEndian(_bytes[position..]);

    private int ReadInt32(int position) => BinaryPrimitives.ReadInt32BigEndian(_bytes[position..]);

    private long ReadInt64(int position) => BinaryPrimitives.ReadInt64BigEndian(_bytes[position..]);
}
