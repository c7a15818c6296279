using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>Properties of a group.</summary>
internal static class GroupDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("consumer.assignment.interval.ms", ConfigType.Int, "1000", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("group.consumer.assignment.interval.ms")] },
        new("consumer.assignor.offload.enable", ConfigType.Boolean, "true", Medium, ClusterWide, null) { IsInternal = true, BrokerSynonyms = [new("group.consumer.assignor.offload.enable")] },
        new("consumer.heartbeat.interval.ms", ConfigType.Int, "5000", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("group.consumer.heartbeat.interval.ms")] },
        new("consumer.session.timeout.ms", ConfigType.Int, "45000", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("group.consumer.session.timeout.ms")] },
        new("errors.deadletterqueue.copy.record.enable", ConfigType.Boolean, "false", Medium, ClusterWide, null),
        new("errors.deadletterqueue.topic.name", ConfigType.String, "", Medium, ClusterWide, null),
        new("share.assignment.interval.ms", ConfigType.Int, "1000", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("group.share.assignment.interval.ms")] },
        new("share.assignor.offload.enable", ConfigType.Boolean, "true", Medium, ClusterWide, null) { IsInternal = true, BrokerSynonyms = [new("group.share.assignor.offload.enable")] },
        new("share.auto.offset.reset", ConfigType.String, "latest", Medium, ClusterWide, ShareOffsetReset),
        new("share.delivery.count.limit", ConfigType.Int, "5", Medium, ClusterWide, AtLeast(2)) { BrokerSynonyms = [new("group.share.delivery.count.limit")] },
        new("share.heartbeat.interval.ms", ConfigType.Int, "5000", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("group.share.heartbeat.interval.ms")] },
        new("share.isolation.level", ConfigType.String, "read_uncommitted", Medium, ClusterWide, OneOf("read_committed", "read_uncommitted")),
        new("share.partition.max.record.locks", ConfigType.Int, "2000", Medium, ClusterWide, AtLeast(100)) { BrokerSynonyms = [new("group.share.partition.max.record.locks")] },
        new("share.record.lock.duration.ms", ConfigType.Int, "30000", Medium, ClusterWide, AtLeast(1000)) { BrokerSynonyms = [new("group.share.record.lock.duration.ms")] },
        new("share.renew.acknowledge.enable", ConfigType.Boolean, "true", Medium, ClusterWide, null),
        new("share.session.timeout.ms", ConfigType.Int, "45000", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("group.share.session.timeout.ms")] },
        new("streams.acceptable.recovery.lag", ConfigType.Long, "10000", Medium, ClusterWide, AtLeast(0)) { IsInternal = true, BrokerSynonyms = [new("group.streams.acceptable.recovery.lag")] },
        new("streams.assignment.interval.ms", ConfigType.Int, "1000", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("group.streams.assignment.interval.ms")] },
        new("streams.assignor.name", ConfigType.String, null, Medium, ClusterWide, null) { BrokerSynonyms = [new("group.streams.assignors")] },
        new("streams.assignor.offload.enable", ConfigType.Boolean, "true", Medium, ClusterWide, null) { IsInternal = true, BrokerSynonyms = [new("group.streams.assignor.offload.enable")] },
        new("streams.heartbeat.interval.ms", ConfigType.Int, "5000", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("group.streams.heartbeat.interval.ms")] },
        new("streams.initial.rebalance.delay.ms", ConfigType.Int, "3000", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("group.streams.initial.rebalance.delay.ms")] },
        new("streams.num.standby.replicas", ConfigType.Int, "0", Medium, ClusterWide, AtLeast(0)) { BrokerSynonyms = [new("group.streams.num.standby.replicas")] },
        new("streams.num.warmup.replicas", ConfigType.Int, "2", Medium, ClusterWide, AtLeast(0)) { IsInternal = true, BrokerSynonyms = [new("group.streams.num.warmup.replicas")] },
        new("streams.rack.aware.assignment.tags", ConfigType.List, "", Low, ClusterWide, UniqueList) { BrokerSynonyms = [new("group.streams.rack.aware.assignment.tags")] },
        new("streams.session.timeout.ms", ConfigType.Int, "45000", Medium, ClusterWide, AtLeast(1)) { BrokerSynonyms = [new("group.streams.session.timeout.ms")] },
        new("streams.task.offset.interval.ms", ConfigType.Int, "60000", Medium, ClusterWide, AtLeast(1)) { IsInternal = true, BrokerSynonyms = [new("group.streams.task.offset.interval.ms")] },
    ];
}
