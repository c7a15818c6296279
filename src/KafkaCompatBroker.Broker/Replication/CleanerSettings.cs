using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Storage.Compaction;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>The log.cleaner.* properties in the form that the log store takes.</summary>
internal static class CleanerSettings
{
    // Kafka has no rule for the load factor; a table that is full, or never filled, is of no use.
    private const double LoadFactorLeast = 0.1;
    private const double LoadFactorMost = 0.95;

    public static CleanerOptions Of(ConfigValues values) => new()
    {
        IsEnabled = values.Boolean("log.cleaner.enable"),
        Threads = values.Int("log.cleaner.threads"),
        DedupeBufferBytes = values.Long("log.cleaner.dedupe.buffer.size"),
        LoadFactor = Math.Clamp(values.Double("log.cleaner.io.buffer.load.factor"), LoadFactorLeast, LoadFactorMost),
        BytesPerSecondMax = values.Double("log.cleaner.io.max.bytes.per.second"),
        BackoffMs = values.Long("log.cleaner.backoff.ms"),
    };
}
