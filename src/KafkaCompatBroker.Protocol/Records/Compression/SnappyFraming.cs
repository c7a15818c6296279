namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>
/// The framing of xerial's snappy-java, in which Kafka's Java clients write: a 16-byte header, then blocks with a
/// big-endian int32 length each. Other clients write one bare block.
/// </summary>
internal static class SnappyFraming
{
    internal const int HeaderSize = 16;
    internal const int LowestVersion = 1;
    internal const int BlockBytes = 32 * 1024;

    internal static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];
}
