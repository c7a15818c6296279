using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Storage;

/// <summary>The topic properties that a log acts on; defaults are Kafka's. Replaced as a whole when a property changes.</summary>
public sealed record LogConfig
{
    public static LogConfig Default { get; } = new();

    /// <summary>segment.bytes</summary>
    public int SegmentBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary>segment.ms</summary>
    public long SegmentMs { get; init; } = 7 * 24 * 3600_000L;

    /// <summary>segment.jitter.ms</summary>
    public long SegmentJitterMs { get; init; }

    /// <summary>segment.index.bytes</summary>
    public int IndexBytesMax { get; init; } = 10 * 1024 * 1024;

    /// <summary>index.interval.bytes</summary>
    public int IndexIntervalBytes { get; init; } = 4096;

    /// <summary>
    /// Whether segments get their blocks ahead of the writes, which is faster. Without, a file never holds more than was appended, even while
    /// it is written or after a kill: for logs that others read in place.
    /// </summary>
    public bool IsPreallocated { get; init; } = true;

    /// <summary>retention.ms; -1 keeps everything</summary>
    public long RetentionMs { get; init; } = 7 * 24 * 3600_000L;

    /// <summary>retention.bytes; -1 keeps everything</summary>
    public long RetentionBytes { get; init; } = -1;

    /// <summary>file.delete.delay.ms</summary>
    public long FileDeleteDelayMs { get; init; } = 60_000;

    /// <summary>flush.messages: appends are durable before they return once this many records are not</summary>
    public long FlushMessages { get; init; } = long.MaxValue;

    /// <summary>flush.ms</summary>
    public long FlushMs { get; init; } = long.MaxValue;

    /// <summary>cleanup.policy contains delete</summary>
    public bool IsDeleted { get; init; } = true;

    /// <summary>cleanup.policy contains compact</summary>
    public bool IsCompacted { get; init; }

    /// <summary>min.cleanable.dirty.ratio</summary>
    public double MinCleanableDirtyRatio { get; init; } = 0.5;

    /// <summary>min.compaction.lag.ms</summary>
    public long MinCompactionLagMs { get; init; }

    /// <summary>max.compaction.lag.ms; a compacted log rolls its segments in time for it</summary>
    public long MaxCompactionLagMs { get; init; } = long.MaxValue;

    /// <summary>delete.retention.ms: how long tombstones and transaction markers stay once they are compacted</summary>
    public long DeleteRetentionMs { get; init; } = 24 * 3600_000L;

    /// <summary>max.message.bytes</summary>
    public int MessageBytesMax { get; init; } = 1_048_588;

    /// <summary>max.decompressed.message.bytes</summary>
    public int ExpandedRecordBytesMax { get; init; } = int.MaxValue;

    /// <summary>message.timestamp.type</summary>
    public TimestampType TimestampType { get; init; } = TimestampType.CreateTime;

    /// <summary>message.timestamp.before.max.ms</summary>
    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary>message.timestamp.after.max.ms</summary>
    public long TimestampAfterMaxMs { get; init; } = 3600_000;

    /// <summary>compression.type; null = producer</summary>
    public CompressionType? Compression { get; init; }

    /// <summary>compression.{gzip,lz4,zstd}.level of <see cref="Compression"/>; null = the codec's default</summary>
    public int? CompressionLevel { get; init; }

    /// <summary>producer.id.expiration.ms of the broker</summary>
    public long ProducerExpirationMs { get; init; } = 24 * 3600_000L;

    /// <summary>producer.id.expiration.check.interval.ms of the broker</summary>
    public long ProducerExpirationCheckMs { get; init; } = 600_000;

    /// <summary>How long a segment is appended to at most.</summary>
    internal long SegmentMsMax => IsCompacted && MaxCompactionLagMs > 0 ? Math.Min(MaxCompactionLagMs, SegmentMs) : SegmentMs;

    /// <summary>transaction.partition.verification.enable of the broker; off where nobody could ask a coordinator.</summary>
    public bool VerifiesTransactions { get; init; }

    /// <summary>What the validator of produced batches needs of these properties.</summary>
    internal ValidationRules ToValidationRules() => new()
    {
        TargetCodec = Compression,
        TargetLevel = CompressionLevel,
        TimestampType = TimestampType,
        TimestampBeforeMaxMs = TimestampBeforeMaxMs,
        TimestampAfterMaxMs = TimestampAfterMaxMs,
        IsCompacted = IsCompacted,
        BatchBytesMax = MessageBytesMax,
        ExpandedRecordBytesMax = ExpandedRecordBytesMax,
    };
}
