namespace KafkaCompatBroker.Storage;

/// <summary>How a broker keeps its logs; names of Kafka's properties where they have one.</summary>
public sealed record LogStoreOptions
{
    /// <summary>log.dirs</summary>
    public required IReadOnlyList<string> Directories { get; init; }

    /// <summary>num.recovery.threads.per.data.dir</summary>
    public int RecoveryThreads { get; init; } = 2;

    /// <summary>log.flush.offset.checkpoint.interval.ms</summary>
    public long OffsetCheckpointMs { get; init; } = 60_000;

    /// <summary>log.flush.start.offset.checkpoint.interval.ms</summary>
    public long LogStartCheckpointMs { get; init; } = 60_000;

    /// <summary>replica.high.watermark.checkpoint.interval.ms</summary>
    public long HighWatermarkCheckpointMs { get; init; } = 5_000;

    /// <summary>log.retention.check.interval.ms</summary>
    public long RetentionCheckMs { get; init; } = 300_000;

    /// <summary>log.initial.task.delay.ms: nothing is deleted by retention before.</summary>
    public long InitialTaskDelayMs { get; init; } = 30_000;

    /// <summary>How often flush.ms, delayed deletions and idle segments are looked at.</summary>
    public long HousekeepingMs { get; init; } = 1_000;

    /// <summary>Unused for this long, a segment gives mapping and descriptor back.</summary>
    public long IdleMs { get; init; } = 60_000;
}
