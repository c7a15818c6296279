namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>
/// Effective values of a resource, parsed once, with typed look-ups. Values that do not parse count as not set:
/// they were refused before they came here.
/// </summary>
public sealed class ConfigValues
{
    private readonly Dictionary<string, object?> _values;

    internal ConfigValues(Dictionary<string, object?> values) => _values = values;

    /// <summary>Value of a BOOLEAN property.</summary>
    /// <exception cref="InvalidOperationException">The property has no value or another type.</exception>
    public bool Boolean(string name) => Require<bool>(name);

    /// <summary>Value of an INT property.</summary>
    /// <exception cref="InvalidOperationException">The property has no value or another type.</exception>
    public int Int(string name) => Require<int>(name);

    /// <summary>Value of a SHORT property.</summary>
    /// <exception cref="InvalidOperationException">The property has no value or another type.</exception>
    public short Short(string name) => Require<short>(name);

    /// <summary>Value of a LONG property.</summary>
    /// <exception cref="InvalidOperationException">The property has no value or another type.</exception>
    public long Long(string name) => Require<long>(name);

    /// <summary>Value of a DOUBLE property.</summary>
    /// <exception cref="InvalidOperationException">The property has no value or another type.</exception>
    public double Double(string name) => Require<double>(name);

    /// <summary>Value of a LIST property; empty when it is not set.</summary>
    public IReadOnlyList<string> List(string name) => _values.GetValueOrDefault(name) as string[] ?? [];

    /// <summary>Value of a STRING, CLASS or PASSWORD property, or null.</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name) as string;

    /// <summary>Value of an INT property that may be unset.</summary>
    public int? IntOrNull(string name) => _values.GetValueOrDefault(name) as int?;

    /// <summary>Value of a LONG property that may be unset.</summary>
    public long? LongOrNull(string name) => _values.GetValueOrDefault(name) as long?;

    /// <summary>The value as DescribeConfigs prints it, or null.</summary>
    public string? Printed(string name) => ConfigText.Print(_values.GetValueOrDefault(name));

    private T Require<T>(string name) => _values.GetValueOrDefault(name) is T value
        ? value
        : throw new InvalidOperationException($"Property '{name}' has no {typeof(T).Name} value.");
}
