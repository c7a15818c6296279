using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>Replication quotas of a broker.</summary>
internal static class BrokerQuotaDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("follower.replication.throttled.rate", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(0)),
        new("leader.replication.throttled.rate", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(0)),
        new("replica.alter.log.dirs.io.max.bytes.per.second", ConfigType.Long, "9223372036854775807", Medium, ClusterWide, AtLeast(0)),
    ];
}
