namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>One place that gives a property a value; a sensitive value is null.</summary>
public readonly record struct ConfigSynonym(string Name, string? Value, ConfigSource Source);
