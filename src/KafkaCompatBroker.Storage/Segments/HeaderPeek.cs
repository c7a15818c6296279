using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>Header fields of a batch of which only the first bytes are at hand.</summary>
internal static class HeaderPeek
{
    private const int LegacyTimestamp = 18;

    public static long MaxTimestamp(ReadOnlySpan<byte> header) => header[RecordBatchLayout.Magic] switch
    {
        0 => -1,
        1 => BinaryPrimitives.ReadInt64BigEndian(header[LegacyTimestamp..]),
        _ => BinaryPrimitives.ReadInt64BigEndian(header[RecordBatchLayout.MaxTimestamp..]),
    };

    /// <summary>Offset of the last record; -1 when no batch can begin like this.</summary>
    public static long LastOffset(ReadOnlySpan<byte> header)
    {
        if (header.Length < RecordBatchLayout.SizeUpToMagic || header[RecordBatchLayout.Magic] > 2)
        {
            return -1;
        }

        long baseOffset = BinaryPrimitives.ReadInt64BigEndian(header);
        if (header[RecordBatchLayout.Magic] < 2)
        {
            return baseOffset;
        }

        return header.Length < RecordBatchLayout.Records ? -1 : baseOffset + BinaryPrimitives.ReadInt32BigEndian(header[RecordBatchLayout.LastOffsetDelta..]);
    }
}
