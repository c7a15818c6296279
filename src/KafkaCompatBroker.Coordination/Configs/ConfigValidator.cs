namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>A rule that a parsed value must obey.</summary>
public abstract class ConfigValidator
{
    /// <summary>The allowed values in Apache Kafka's notation; empty when it has none.</summary>
    public abstract string Description { get; }

    /// <summary>Checks a parsed value (null when the property is not set).</summary>
    /// <returns>Null when allowed, else the reason in one line.</returns>
    public abstract string? Check(ConfigDefinition definition, object? value);
}
