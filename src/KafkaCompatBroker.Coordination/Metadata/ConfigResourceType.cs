namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Kinds of resources with properties; the numbers are those of the protocol.</summary>
public enum ConfigResourceType : sbyte
{
    Unknown = 0,
    Topic = 2,
    Broker = 4,
    BrokerLogger = 8,
    ClientMetrics = 16,
    Group = 32,
}
