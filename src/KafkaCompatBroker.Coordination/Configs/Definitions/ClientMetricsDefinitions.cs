using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>Properties of a client metrics subscription (KIP-714).</summary>
internal static class ClientMetricsDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("interval.ms", ConfigType.Int, "300000", Medium, ClusterWide, null),
        new("match", ConfigType.List, "", Medium, ClusterWide, UniqueList),
        new("metrics", ConfigType.List, "", Medium, ClusterWide, UniqueList),
    ];
}
