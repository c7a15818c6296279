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
}
