using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>Properties of a topic.</summary>
internal static class TopicDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("cleanup.policy", ConfigType.List, "delete", Medium, ClusterWide, ListOf("compact", "delete")) { BrokerSynonyms = [new("log.cleanup.policy")] },
        new("compression.gzip.level", ConfigType.Int, "-1", Medium, ClusterWide, BetweenOr(1, 9, -1)) { BrokerSynonyms = [new("compression.gzip.level")] },
        new("compression.lz4.level", ConfigType.Int, "9", Medium, ClusterWide, Between(1, 17)) { BrokerSynonyms = [new("compression.lz4.level")] },
        new("compression.type", ConfigType.String, "producer", Medium, ClusterWide, OneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")) { BrokerSynonyms = [new("compression.type")] },
        new("compression.zstd.level", ConfigType.Int, "3", Medium, ClusterWide, Between(-131_072, 22)) { BrokerSynonyms = [new("compression.zstd.level")] },
        new("delete.retention.ms", ConfigType.Long, "86400000", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("log.cleaner.delete.retention.ms")] },
        new("errors.deadletterqueue.group.enable", ConfigType.Boolean, "false", Medium, ClusterWide, null),
        new("file.delete.delay.ms", ConfigType.Long, "60000", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("log.segment.delete.delay.ms")] },
        new("flush.messages", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("log.flush.interval.messages")] },
        new("flush.ms", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("log.flush.interval.ms"), new("log.flush.scheduler.interval.ms")] },
        new("follower.replication.throttled.replicas", ConfigType.List, "", Medium, ClusterWide, ThrottledReplicas),
        new("index.interval.bytes", ConfigType.Int, "4096", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("log.index.interval.bytes")] },
        new("internal.segment.bytes", ConfigType.Int, null, Medium, ClusterWide, null) { IsInternal = true },
        new("leader.replication.throttled.replicas", ConfigType.List, "", Medium, ClusterWide, ThrottledReplicas),
        new("local.retention.bytes", ConfigType.Long, "-2", Medium, ClusterWide, AtLeast(-2)) { BrokerSynonyms = [new("log.local.retention.bytes")] },
        new("local.retention.ms", ConfigType.Long, "-2", Medium, ClusterWide, AtLeast(-2)) { BrokerSynonyms = [new("log.local.retention.ms")] },
        new("max.compaction.lag.ms", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("log.cleaner.max.compaction.lag.ms")] },
        new("max.decompressed.message.bytes", ConfigType.Int, "2147483639", Medium, ClusterWide, Between(1, 2_147_483_639)) { BrokerSynonyms = [new("max.decompressed.message.bytes")] },
        new("max.message.bytes", ConfigType.Int, "1048588", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("message.max.bytes")] },
        new("message.timestamp.after.max.ms", ConfigType.Long, "3600000", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("log.message.timestamp.after.max.ms")] },
        new("message.timestamp.before.max.ms", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("log.message.timestamp.before.max.ms")] },
        new("message.timestamp.type", ConfigType.String, "CreateTime", Medium, ClusterWide, OneOf("CreateTime", "LogAppendTime")) { BrokerSynonyms = [new("log.message.timestamp.type")] },
        new("min.cleanable.dirty.ratio", ConfigType.Double, "0.5", Medium, ClusterWide, Fraction(0, 1)) { BrokerSynonyms = [new("log.cleaner.min.cleanable.ratio")] },
        new("min.compaction.lag.ms", ConfigType.Long, "0", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("log.cleaner.min.compaction.lag.ms")] },
        new("min.insync.replicas", ConfigType.Int, "1", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("min.insync.replicas")] },
        new("preallocate", ConfigType.Boolean, "false", Medium, ClusterWide, null) { BrokerSynonyms = [new("log.preallocate")] },
        new("remote.copy.lag.bytes", ConfigType.Long, "-1", Medium, ClusterWide, AtLeast(-1)) { BrokerSynonyms = [new("log.remote.copy.lag.bytes")] },
        new("remote.copy.lag.ms", ConfigType.Long, "0", Medium, ClusterWide, AtLeast(-1)) { BrokerSynonyms = [new("log.remote.copy.lag.ms")] },
        new("remote.log.copy.disable", ConfigType.Boolean, "false", Medium, ClusterWide, null),
        new("remote.log.delete.on.disable", ConfigType.Boolean, "false", Medium, ClusterWide, null),
        new("remote.storage.enable", ConfigType.Boolean, "false", Medium, ClusterWide, null),
        new("retention.bytes", ConfigType.Long, "-1", Medium, ClusterWide, null) { BrokerSynonyms = [new("log.retention.bytes")] },
        new("retention.ms", ConfigType.Long, "604800000", Medium, ClusterWide, AtLeast(-1)) { BrokerSynonyms = [new("log.retention.ms"), new("log.retention.minutes", 60_000), new("log.retention.hours", 3_600_000)] },
        new("segment.bytes", ConfigType.Int, "1073741824", Medium, ClusterWide, AtLeast(1_048_576)) { BrokerSynonyms = [new("log.segment.bytes")] },
        new("segment.index.bytes", ConfigType.Int, "10485760", Medium, ClusterWide, AtLeast(4)) { BrokerSynonyms = [new("log.index.size.max.bytes")] },
        new("segment.jitter.ms", ConfigType.Long, "0", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("log.roll.jitter.ms"), new("log.roll.jitter.hours", 3_600_000)] },
        new("segment.ms", ConfigType.Long, "604800000", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("log.roll.ms"), new("log.roll.hours", 3_600_000)] },
        new("unclean.leader.election.enable", ConfigType.Boolean, "false", Medium, ClusterWide, null) { BrokerSynonyms = [new("unclean.leader.election.enable")] },
    ];
}
