using KafkaCompatBroker.Coordination.Configs.Definitions;

namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>Every property of Apache Kafka 4.4, by kind of resource.</summary>
public static class ConfigDefinitions
{
    /// <summary>Properties of brokers and controllers.</summary>
    public static ConfigSchema Broker { get; } = new(
    [
        .. ServerDefinitions.All, .. ControllerDefinitions.All, .. NetworkDefinitions.All, .. SecurityDefinitions.All,
        .. TlsDefinitions.All, .. LogDefinitions.All, .. ReplicationDefinitions.All, .. GroupCoordinatorDefinitions.All,
        .. ShareAndStreamsDefinitions.All, .. TransactionDefinitions.All, .. RemoteStorageDefinitions.All,
    ]);

    /// <summary>Properties of topics.</summary>
    public static ConfigSchema Topic { get; } = new(TopicDefinitions.All);

    /// <summary>Properties of groups (KIP-848, KIP-932, KIP-1071).</summary>
    public static ConfigSchema Group { get; } = new(GroupDefinitions.All);

    /// <summary>Properties of client metrics subscriptions (KIP-714).</summary>
    public static ConfigSchema ClientMetrics { get; } = new(ClientMetricsDefinitions.All);

    /// <summary>Replication quotas that are kept as dynamic properties of a broker.</summary>
    public static ConfigSchema BrokerQuota { get; } = new(BrokerQuotaDefinitions.All);
}
