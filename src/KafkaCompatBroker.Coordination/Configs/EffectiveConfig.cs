namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>A property as DescribeConfigs shows it.</summary>
/// <param name="Name">The property.</param>
/// <param name="Value">Its printed value; null when unset or sensitive.</param>
/// <param name="Type">Its type.</param>
/// <param name="Source">Where the value comes from.</param>
/// <param name="IsReadOnly">Whether only the properties file can change it.</param>
/// <param name="Synonyms">All places that give it a value, the strongest first.</param>
/// <param name="Documentation">One line about it.</param>
public sealed record EffectiveConfig(
    string Name,
    string? Value,
    ConfigType Type,
    ConfigSource Source,
    bool IsReadOnly,
    IReadOnlyList<ConfigSynonym> Synonyms,
    string Documentation)
{
    public bool IsSensitive => Type is ConfigType.Password or ConfigType.Unknown;
}
