using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>The group coordinator and its offsets.</summary>
internal static class GroupCoordinatorDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("errors.deadletterqueue.auto.create.topics.enable", ConfigType.Boolean, "false", Medium, ClusterWide, null),
        new("errors.deadletterqueue.topic.name.prefix", ConfigType.String, "dlq.", Medium, ClusterWide, null),
        new("group.consumer.assignment.interval.ms", ConfigType.Int, "1000", Medium, ClusterWide, AtLeast(0)),
        new("group.consumer.assignor.offload.enable", ConfigType.Boolean, "true", Medium, ClusterWide, null) { IsInternal = true },
        new("group.consumer.assignors", ConfigType.List, "uniform,range", Medium, ReadOnly, UniqueList),
        new("group.consumer.heartbeat.interval.ms", ConfigType.Int, "5000", Medium, ReadOnly, AtLeast(1)),
        new("group.consumer.max.assignment.interval.ms", ConfigType.Int, "15000", Medium, ReadOnly, AtLeast(0)),
        new("group.consumer.max.heartbeat.interval.ms", ConfigType.Int, "15000", Medium, ReadOnly, AtLeast(1)),
        new("group.consumer.max.session.timeout.ms", ConfigType.Int, "60000", Medium, ReadOnly, AtLeast(1)),
        new("group.consumer.max.size", ConfigType.Int, "2147483647", Medium, ReadOnly, AtLeast(1)),
        new("group.consumer.migration.policy", ConfigType.String, "bidirectional", Medium, ReadOnly, OneOfAnyCase("DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL")),
        new("group.consumer.min.assignment.interval.ms", ConfigType.Int, "0", Medium, ReadOnly, AtLeast(0)),
        new("group.consumer.min.heartbeat.interval.ms", ConfigType.Int, "5000", Medium, ReadOnly, AtLeast(1)),
        new("group.consumer.min.session.timeout.ms", ConfigType.Int, "45000", Medium, ReadOnly, AtLeast(1)),
        new("group.consumer.regex.refresh.interval.ms", ConfigType.Int, "600000", Medium, ReadOnly, AtLeast(10_000)) { IsInternal = true },
        new("group.consumer.session.timeout.ms", ConfigType.Int, "45000", Medium, ReadOnly, AtLeast(1)),
        new("group.coordinator.append.linger.ms", ConfigType.Int, "-1", Medium, ReadOnly, AtLeast(-1)),
        new("group.coordinator.background.threads", ConfigType.Int, "2", High, ReadOnly, AtLeast(1)),
        new("group.coordinator.cached.buffer.max.bytes", ConfigType.Int, "1048588", Medium, ClusterWide, AtLeast(524_288)),
        new("group.coordinator.rebalance.protocols", ConfigType.List, "classic,consumer,streams", Medium, ReadOnly, ListOf("consumer", "classic", "share", "streams")),
        new("group.coordinator.threads", ConfigType.Int, "4", High, ReadOnly, AtLeast(1)),
        new("group.initial.rebalance.delay.ms", ConfigType.Int, "3000", Medium, ReadOnly, null),
        new("group.max.session.timeout.ms", ConfigType.Int, "1800000", Medium, ReadOnly, null),
        new("group.max.size", ConfigType.Int, "2147483647", Medium, ReadOnly, AtLeast(1)),
        new("group.min.session.timeout.ms", ConfigType.Int, "6000", Medium, ReadOnly, null),
        new("offset.metadata.max.bytes", ConfigType.Int, "4096", High, ReadOnly, null),
        new("offsets.commit.timeout.ms", ConfigType.Int, "5000", High, ReadOnly, AtLeast(1)),
        new("offsets.load.buffer.size", ConfigType.Int, "5242880", High, ReadOnly, AtLeast(1)),
        new("offsets.retention.check.interval.ms", ConfigType.Long, "600000", High, ReadOnly, AtLeast(1)),
        new("offsets.retention.minutes", ConfigType.Int, "10080", High, ReadOnly, AtLeast(1)),
        new("offsets.topic.compression.codec", ConfigType.Int, "0", High, ReadOnly, null),
        new("offsets.topic.num.partitions", ConfigType.Int, "50", High, ReadOnly, AtLeast(1)),
        new("offsets.topic.replication.factor", ConfigType.Short, "3", High, ReadOnly, AtLeast(1)),
        new("offsets.topic.segment.bytes", ConfigType.Int, "104857600", High, ReadOnly, AtLeast(1)),
    ];
}
