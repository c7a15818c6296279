using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>Logs, their cleaner and their retention.</summary>
internal static class LogDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("compression.gzip.level", ConfigType.Int, "-1", Medium, ClusterWide, BetweenOr(1, 9, -1)),
        new("compression.lz4.level", ConfigType.Int, "9", Medium, ClusterWide, Between(1, 17)),
        new("compression.type", ConfigType.String, "producer", High, ClusterWide, OneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")),
        new("compression.zstd.level", ConfigType.Int, "3", Medium, ClusterWide, Between(-131_072, 22)),
        new("cordoned.log.dirs", ConfigType.List, "", Medium, PerBroker, UniqueList),
        new("log.cleaner.backoff.ms", ConfigType.Long, "15000", Medium, ClusterWide, AtLeast(0)),
        new("log.cleaner.dedupe.buffer.size", ConfigType.Long, "134217728", Medium, ClusterWide, null),
        new("log.cleaner.delete.retention.ms", ConfigType.Long, "86400000", Medium, ClusterWide, AtLeast(0)),
        new("log.cleaner.enable", ConfigType.Boolean, "true", Medium, ReadOnly, null),
        new("log.cleaner.io.buffer.load.factor", ConfigType.Double, "0.9", Medium, ClusterWide, null),
        new("log.cleaner.io.buffer.size", ConfigType.Int, "524288", Medium, ClusterWide, AtLeast(0)),
        new("log.cleaner.io.max.bytes.per.second", ConfigType.Double, "1.7976931348623157E308", Medium, ClusterWide, null),
        new("log.cleaner.max.compaction.lag.ms", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(1)),
        new("log.cleaner.min.cleanable.ratio", ConfigType.Double, "0.5", Medium, ClusterWide, Fraction(0, 1)),
        new("log.cleaner.min.compaction.lag.ms", ConfigType.Long, "0", Medium, ClusterWide, AtLeast(0)),
        new("log.cleaner.threads", ConfigType.Int, "1", Medium, ClusterWide, AtLeast(0)),
        new("log.cleanup.policy", ConfigType.List, "delete", Medium, ClusterWide, ListOf("compact", "delete")),
        new("log.dir", ConfigType.List, "/tmp/kafka-logs", High, ReadOnly, UniqueList),
        new("log.dir.failure.timeout.ms", ConfigType.Long, "30000", Low, ReadOnly, AtLeast(1)),
        new("log.dirs", ConfigType.List, null, High, ReadOnly, UniqueList),
        new("log.flush.interval.messages", ConfigType.Long, "9223372036854775807", High, ClusterWide, AtLeast(1)),
        new("log.flush.interval.ms", ConfigType.Long, null, High, ClusterWide, null) { Synonyms = ["log.flush.interval.ms", "log.flush.scheduler.interval.ms"] },
        new("log.flush.offset.checkpoint.interval.ms", ConfigType.Int, "60000", High, ReadOnly, AtLeast(0)),
        new("log.flush.scheduler.interval.ms", ConfigType.Long, "9223372036854775807", High, ReadOnly, null),
        new("log.flush.start.offset.checkpoint.interval.ms", ConfigType.Int, "60000", High, ReadOnly, AtLeast(0)),
        new("log.index.interval.bytes", ConfigType.Int, "4096", Medium, ClusterWide, AtLeast(0)),
        new("log.index.size.max.bytes", ConfigType.Int, "10485760", Medium, ClusterWide, AtLeast(4)),
        new("log.initial.task.delay.ms", ConfigType.Long, "30000", Low, ReadOnly, AtLeast(0)) { IsInternal = true },
        new("log.message.timestamp.after.max.ms", ConfigType.Long, "3600000", Medium, ClusterWide, AtLeast(0)),
        new("log.message.timestamp.before.max.ms", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(0)),
        new("log.message.timestamp.type", ConfigType.String, "CreateTime", Medium, ClusterWide, OneOf("CreateTime", "LogAppendTime")),
        new("log.preallocate", ConfigType.Boolean, "false", Medium, ClusterWide, null),
        new("log.retention.bytes", ConfigType.Long, "-1", High, ClusterWide, null),
        new("log.retention.check.interval.ms", ConfigType.Long, "300000", Medium, ReadOnly, AtLeast(1)),
        new("log.retention.hours", ConfigType.Int, "168", High, ReadOnly, null) { Synonyms = ["log.retention.ms", "log.retention.minutes", "log.retention.hours"] },
        new("log.retention.minutes", ConfigType.Int, null, High, ReadOnly, null) { Synonyms = ["log.retention.ms", "log.retention.minutes", "log.retention.hours"] },
        new("log.retention.ms", ConfigType.Long, null, High, ClusterWide, null) { Synonyms = ["log.retention.ms", "log.retention.minutes", "log.retention.hours"] },
        new("log.roll.hours", ConfigType.Int, "168", High, ReadOnly, AtLeast(1)) { Synonyms = ["log.roll.ms", "log.roll.hours"] },
        new("log.roll.jitter.hours", ConfigType.Int, "0", High, ReadOnly, AtLeast(0)) { Synonyms = ["log.roll.jitter.ms", "log.roll.jitter.hours"] },
        new("log.roll.jitter.ms", ConfigType.Long, null, High, ClusterWide, null) { Synonyms = ["log.roll.jitter.ms", "log.roll.jitter.hours"] },
        new("log.roll.ms", ConfigType.Long, null, High, ClusterWide, null) { Synonyms = ["log.roll.ms", "log.roll.hours"] },
        new("log.segment.bytes", ConfigType.Int, "1073741824", High, ClusterWide, AtLeast(1_048_576)),
        new("log.segment.delete.delay.ms", ConfigType.Long, "60000", High, ClusterWide, AtLeast(0)),
        new("max.decompressed.message.bytes", ConfigType.Int, "2147483639", Medium, ClusterWide, Between(1, 2_147_483_639)),
        new("message.max.bytes", ConfigType.Int, "1048588", High, ClusterWide, AtLeast(0)),
        new("num.recovery.threads.per.data.dir", ConfigType.Int, "2", High, ClusterWide, AtLeast(1)),
    ];
}
