using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>Replication and fetching.</summary>
internal static class ReplicationDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("alter.log.dirs.replication.quota.window.num", ConfigType.Int, "11", Low, ReadOnly, AtLeast(1)),
        new("alter.log.dirs.replication.quota.window.size.seconds", ConfigType.Int, "1", Low, ReadOnly, AtLeast(1)),
        new("default.replication.factor", ConfigType.Int, "1", Medium, ReadOnly, null),
        new("delete.records.purgatory.purge.interval.requests", ConfigType.Int, "1", Medium, ReadOnly, null),
        new("fetch.max.bytes", ConfigType.Int, "57671680", Medium, ReadOnly, AtLeast(1024)),
        new("fetch.purgatory.purge.interval.requests", ConfigType.Int, "1000", Medium, ReadOnly, null),
        new("max.incremental.fetch.session.cache.slots", ConfigType.Int, "1000", Medium, ReadOnly, AtLeast(0)),
        new("min.insync.replicas", ConfigType.Int, "1", High, ClusterWide, AtLeast(1)),
        new("num.replica.alter.log.dirs.threads", ConfigType.Int, null, High, ReadOnly, null),
        new("num.replica.fetchers", ConfigType.Int, "1", High, ClusterWide, AtLeast(1)),
        new("producer.purgatory.purge.interval.requests", ConfigType.Int, "1000", Medium, ReadOnly, null),
        new("replica.fetch.backoff.ms", ConfigType.Int, "1000", Medium, ReadOnly, AtLeast(0)),
        new("replica.fetch.max.bytes", ConfigType.Int, "1048576", Medium, ReadOnly, AtLeast(0)),
        new("replica.fetch.min.bytes", ConfigType.Int, "1", High, ReadOnly, null),
        new("replica.fetch.response.max.bytes", ConfigType.Int, "10485760", Medium, ReadOnly, AtLeast(0)),
        new("replica.fetch.wait.max.ms", ConfigType.Int, "500", High, ReadOnly, null),
        new("replica.high.watermark.checkpoint.interval.ms", ConfigType.Long, "5000", High, ReadOnly, null),
        new("replica.lag.time.max.ms", ConfigType.Long, "30000", High, ReadOnly, null),
        new("replica.selector.class", ConfigType.String, null, Medium, ReadOnly, null),
        new("replica.socket.receive.buffer.bytes", ConfigType.Int, "65536", High, ReadOnly, null),
        new("replica.socket.timeout.ms", ConfigType.Int, "30000", High, ReadOnly, null),
        new("replication.quota.window.num", ConfigType.Int, "11", Low, ReadOnly, AtLeast(1)),
        new("replication.quota.window.size.seconds", ConfigType.Int, "1", Low, ReadOnly, AtLeast(1)),
        new("unclean.leader.election.enable", ConfigType.Boolean, "false", High, ClusterWide, null),
    ];
}
