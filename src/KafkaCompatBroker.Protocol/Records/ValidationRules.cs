namespace KafkaCompatBroker.Protocol.Records;

/// <summary>What a topic accepts from producers: its configuration as <see cref="RecordBatchValidator"/> needs it.</summary>
public sealed record ValidationRules
{
    /// <summary>
    /// Codec in which batches are stored; null for <c>compression.type=producer</c>, which keeps what was sent.
    /// </summary>
    public CompressionType? TargetCodec { get; init; }

    /// <summary>Level of <see cref="TargetCodec"/> when a batch is compressed anew; null for the codec's default.</summary>
    public int? TargetLevel { get; init; }

    /// <summary><c>message.timestamp.type</c>.</summary>
    public TimestampType TimestampType { get; init; } = TimestampType.CreateTime;

    /// <summary><c>message.timestamp.before.max.ms</c>: how far timestamps may lie in the past.</summary>
    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary><c>message.timestamp.after.max.ms</c>: how far timestamps may lie in the future.</summary>
    public long TimestampAfterMaxMs { get; init; } = 3_600_000;

    /// <summary>Whether records need a key: <c>cleanup.policy</c> contains <c>compact</c>.</summary>
    public bool IsCompacted { get; init; }

    /// <summary><c>max.message.bytes</c>: largest batch as sent and as stored.</summary>
    public int BatchBytesMax { get; init; } = 1_048_588;

    /// <summary><c>max.decompressed.message.bytes</c>: largest record of a compressed batch.</summary>
    public int ExpandedRecordBytesMax { get; init; } = int.MaxValue;
}
