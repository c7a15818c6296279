namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>How much a property matters to an operator, as Apache Kafka ranks it.</summary>
public enum ConfigImportance
{
    High,
    Medium,
    Low,
}
