using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>General properties of the server: topics, quotas, metrics.</summary>
internal static class ServerDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("alter.config.policy.class.name", ConfigType.Class, null, Low, ReadOnly, null),
        new("auto.create.topics.enable", ConfigType.Boolean, "true", High, ReadOnly, null),
        new("background.threads", ConfigType.Int, "10", High, ClusterWide, AtLeast(1)),
        new("broker.rack", ConfigType.String, null, Medium, ReadOnly, null),
        new("client.quota.callback.class", ConfigType.Class, null, Low, ReadOnly, null),
        new("config.providers", ConfigType.List, "", Low, ClusterWide, UniqueList),
        new("controlled.shutdown.enable", ConfigType.Boolean, "true", Medium, ReadOnly, null),
        new("create.topic.policy.class.name", ConfigType.Class, null, Low, ReadOnly, null),
        new("delete.topic.enable", ConfigType.Boolean, "true", High, ReadOnly, null),
        new("kafka.metrics.polling.interval.secs", ConfigType.Int, "10", Low, ReadOnly, AtLeast(1)),
        new("kafka.metrics.reporters", ConfigType.List, "", Low, ReadOnly, UniqueList),
        new("metric.reporters", ConfigType.List, "org.apache.kafka.common.metrics.JmxReporter", Low, ClusterWide, UniqueList),
        new("metrics.num.samples", ConfigType.Int, "2", Low, ReadOnly, AtLeast(1)),
        new("metrics.recording.level", ConfigType.String, "INFO", Low, ReadOnly, null),
        new("metrics.sample.window.ms", ConfigType.Long, "30000", Low, ReadOnly, AtLeast(1)),
        new("num.partitions", ConfigType.Int, "1", Medium, ReadOnly, AtLeast(1)),
        new("quota.window.num", ConfigType.Int, "11", Low, ReadOnly, AtLeast(1)),
        new("quota.window.size.seconds", ConfigType.Int, "1", Low, ReadOnly, AtLeast(1)),
        new("telemetry.max.bytes", ConfigType.Int, "1048576", Low, ReadOnly, AtLeast(1)),
        new("unstable.api.versions.enable", ConfigType.Boolean, "false", High, ReadOnly, null) { IsInternal = true },
        new("unstable.feature.versions.enable", ConfigType.Boolean, "false", High, ReadOnly, null) { IsInternal = true },
    ];
}
