namespace KafkaCompatBroker.Protocol.Records;

/// <summary>The codec of a batch: the lowest three bits of its attributes.</summary>
public enum CompressionType
{
    /// <summary>Records are stored as they are.</summary>
    None = 0,

    /// <summary>RFC 1952, one or more members.</summary>
    Gzip = 1,

    /// <summary>Snappy blocks, in the framing of xerial or bare.</summary>
    Snappy = 2,

    /// <summary>The LZ4 frame format with independent blocks.</summary>
    Lz4 = 3,

    /// <summary>Zstandard frames (KIP-110).</summary>
    Zstd = 4,
}
