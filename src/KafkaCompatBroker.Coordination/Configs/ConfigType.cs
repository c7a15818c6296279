namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>Type of a configuration value; the numbers are those of DescribeConfigs v3+ (KIP-569).</summary>
public enum ConfigType : sbyte
{
    /// <summary>A property that Apache Kafka does not know, so nobody can say that its value is no secret.</summary>
    Unknown = 0,
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
    Class = 8,
    Password = 9,
}
