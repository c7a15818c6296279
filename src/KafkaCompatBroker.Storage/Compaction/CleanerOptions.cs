namespace KafkaCompatBroker.Storage.Compaction;

/// <summary>The log.cleaner.* properties of a broker; asked for again before every pass, since they may change while it runs.</summary>
public sealed record CleanerOptions
{
    /// <summary>log.cleaner.enable</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>log.cleaner.threads</summary>
    public int Threads { get; init; } = 1;

    /// <summary>log.cleaner.dedupe.buffer.size, shared by the threads</summary>
    public long DedupeBufferBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>log.cleaner.io.buffer.load.factor</summary>
    public double LoadFactor { get; init; } = 0.9;

    /// <summary>log.cleaner.io.max.bytes.per.second</summary>
    public double BytesPerSecondMax { get; init; } = double.MaxValue;

    /// <summary>log.cleaner.backoff.ms</summary>
    public long BackoffMs { get; init; } = 15_000;
}
