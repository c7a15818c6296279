namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>Where an effective value comes from; the numbers are those of DescribeConfigs v1+.</summary>
public enum ConfigSource : sbyte
{
    Unknown = 0,
    DynamicTopic = 1,
    DynamicBroker = 2,
    DynamicDefaultBroker = 3,
    StaticBroker = 4,
    Default = 5,
    DynamicBrokerLogger = 6,
    ClientMetrics = 7,
    Group = 8,
}
