using System.Collections.Frozen;

namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>All properties of one kind of resource.</summary>
public sealed class ConfigSchema
{
    private readonly FrozenDictionary<string, ConfigDefinition> _byName;

    internal ConfigSchema(IEnumerable<ConfigDefinition> definitions)
    {
        Definitions = [.. definitions.OrderBy(static definition => definition.Name, StringComparer.Ordinal)];
        _byName = Definitions.ToFrozenDictionary(static definition => definition.Name, StringComparer.Ordinal);
    }

    /// <summary>Every definition, in order of names.</summary>
    public IReadOnlyList<ConfigDefinition> Definitions { get; }

    /// <summary>The definition of a property, or null when Apache Kafka does not know it.</summary>
    public ConfigDefinition? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The definition of a property that is known to exist.</summary>
    public ConfigDefinition this[string name] => _byName[name];
}
