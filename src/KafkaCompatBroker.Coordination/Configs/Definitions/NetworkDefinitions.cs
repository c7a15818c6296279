using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>Listeners, sockets, connections and requests.</summary>
internal static class NetworkDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("advertised.listeners", ConfigType.List, null, High, ReadOnly, UniqueList),
        new("connections.max.idle.ms", ConfigType.Long, "600000", Medium, ReadOnly, null),
        new("early.start.listeners", ConfigType.List, null, High, ReadOnly, UniqueList),
        new("inter.broker.listener.name", ConfigType.String, null, Medium, ReadOnly, null),
        new("listener.security.protocol.map", ConfigType.String, "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT", Low, PerBroker, null),
        new("listeners", ConfigType.List, "PLAINTEXT://:9092", High, PerBroker, UniqueList),
        new("max.connection.creation.rate", ConfigType.Int, "2147483647", Medium, ClusterWide, AtLeast(0)),
        new("max.connections", ConfigType.Int, "2147483647", Medium, ClusterWide, AtLeast(0)),
        new("max.connections.per.ip", ConfigType.Int, "2147483647", Medium, ClusterWide, AtLeast(0)),
        new("max.connections.per.ip.overrides", ConfigType.String, "", Medium, ClusterWide, AddressCounts),
        new("max.request.partition.size.limit", ConfigType.Int, "2000", Medium, ReadOnly, AtLeast(1)),
        new("num.io.threads", ConfigType.Int, "8", High, ClusterWide, AtLeast(1)),
        new("num.network.threads", ConfigType.Int, "3", High, ClusterWide, AtLeast(1)),
        new("queued.max.request.bytes", ConfigType.Long, "-1", Medium, ReadOnly, null),
        new("queued.max.requests", ConfigType.Int, "500", High, ReadOnly, AtLeast(1)),
        new("request.timeout.ms", ConfigType.Int, "30000", High, ReadOnly, null),
        new("socket.connection.setup.timeout.max.ms", ConfigType.Long, "30000", Medium, ReadOnly, null),
        new("socket.connection.setup.timeout.ms", ConfigType.Long, "10000", Medium, ReadOnly, null),
        new("socket.listen.backlog.size", ConfigType.Int, "50", Medium, ReadOnly, AtLeast(1)),
        new("socket.receive.buffer.bytes", ConfigType.Int, "102400", High, ReadOnly, null),
        new("socket.request.max.bytes", ConfigType.Int, "104857600", High, ReadOnly, AtLeast(1)),
        new("socket.send.buffer.bytes", ConfigType.Int, "102400", High, ReadOnly, null),
    ];
}
