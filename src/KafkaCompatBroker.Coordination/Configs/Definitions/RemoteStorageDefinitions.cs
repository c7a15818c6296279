using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>Tiered storage (KIP-405).</summary>
internal static class RemoteStorageDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("follower.fetch.last.tiered.offset.enable", ConfigType.Boolean, "false", Medium, ClusterWide, null),
        new("log.local.retention.bytes", ConfigType.Long, "-2", Medium, ClusterWide, AtLeast(-2)),
        new("log.local.retention.ms", ConfigType.Long, "-2", Medium, ClusterWide, AtLeast(-2)),
        new("log.remote.copy.lag.bytes", ConfigType.Long, "-1", Medium, ClusterWide, AtLeast(-1)),
        new("log.remote.copy.lag.ms", ConfigType.Long, "0", Medium, ClusterWide, AtLeast(-1)),
        new("remote.fetch.max.wait.ms", ConfigType.Int, "500", Medium, ClusterWide, AtLeast(1)),
        new("remote.list.offsets.request.timeout.ms", ConfigType.Long, "30000", Medium, ClusterWide, AtLeast(1)),
        new("remote.log.index.file.cache.total.size.bytes", ConfigType.Long, "1073741824", Low, ClusterWide, AtLeast(1)),
        new("remote.log.index.file.cache.ttl.ms", ConfigType.Long, "900000", Low, ReadOnly, AtLeast(-1)) { IsInternal = true },
        new("remote.log.manager.copier.thread.pool.size", ConfigType.Int, "10", Medium, ClusterWide, AtLeast(1)),
        new("remote.log.manager.copy.max.bytes.per.second", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(1)),
        new("remote.log.manager.copy.quota.window.num", ConfigType.Int, "11", Medium, ReadOnly, AtLeast(1)),
        new("remote.log.manager.copy.quota.window.size.seconds", ConfigType.Int, "1", Medium, ReadOnly, AtLeast(1)),
        new("remote.log.manager.expiration.thread.pool.size", ConfigType.Int, "10", Medium, ClusterWide, AtLeast(1)),
        new("remote.log.manager.fetch.max.bytes.per.second", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(1)),
        new("remote.log.manager.fetch.quota.window.num", ConfigType.Int, "11", Medium, ReadOnly, AtLeast(1)),
        new("remote.log.manager.fetch.quota.window.size.seconds", ConfigType.Int, "1", Medium, ReadOnly, AtLeast(1)),
        new("remote.log.manager.follower.thread.pool.size", ConfigType.Int, "2", Medium, ClusterWide, AtLeast(1)),
        new("remote.log.manager.task.interval.ms", ConfigType.Long, "30000", Low, ReadOnly, AtLeast(1)),
        new("remote.log.manager.task.retry.backoff.max.ms", ConfigType.Long, "30000", Low, ReadOnly, AtLeast(1)) { IsInternal = true },
        new("remote.log.manager.task.retry.backoff.ms", ConfigType.Long, "500", Low, ReadOnly, AtLeast(1)) { IsInternal = true },
        new("remote.log.manager.task.retry.jitter", ConfigType.Double, "0.2", Low, ReadOnly, Fraction(0, 0.5)) { IsInternal = true },
        new("remote.log.manager.thread.pool.size", ConfigType.Int, "2", Medium, ReadOnly, AtLeast(1)),
        new("remote.log.metadata.custom.metadata.max.bytes", ConfigType.Int, "128", Low, ReadOnly, AtLeast(0)),
        new("remote.log.metadata.manager.class.name", ConfigType.String, "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager", Medium, ReadOnly, NonEmpty),
        new("remote.log.metadata.manager.class.path", ConfigType.String, null, Medium, ReadOnly, null),
        new("remote.log.metadata.manager.impl.prefix", ConfigType.String, "rlmm.config.", Medium, ReadOnly, NonEmpty),
        new("remote.log.metadata.manager.listener.name", ConfigType.String, null, Medium, ReadOnly, NonEmpty),
        new("remote.log.reader.max.pending.tasks", ConfigType.Int, "100", Medium, ReadOnly, AtLeast(1)),
        new("remote.log.reader.threads", ConfigType.Int, "10", Medium, ClusterWide, AtLeast(1)),
        new("remote.log.storage.manager.class.name", ConfigType.String, null, Medium, ReadOnly, NonEmpty),
        new("remote.log.storage.manager.class.path", ConfigType.String, null, Medium, ReadOnly, null),
        new("remote.log.storage.manager.impl.prefix", ConfigType.String, "rsm.config.", Medium, ReadOnly, NonEmpty),
        new("remote.log.storage.system.enable", ConfigType.Boolean, "false", Medium, ReadOnly, null),
    ];
}
