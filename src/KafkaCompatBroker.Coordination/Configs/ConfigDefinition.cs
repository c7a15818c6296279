namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>What is known of one property: its name, type, default, allowed values and how it may be changed.</summary>
public sealed record ConfigDefinition(
    string Name,
    ConfigType Type,
    string? Default,
    ConfigImportance Importance,
    ConfigUpdateMode UpdateMode,
    ConfigValidator? Validator)
{
    private static readonly string[] NoSynonyms = [];
    private static readonly BrokerSynonym[] NoBrokerSynonyms = [];

    /// <summary>True when the property has no default: the properties file must set it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>True for properties that Apache Kafka hides from DescribeConfigs unless they are set.</summary>
    public bool IsInternal { get; init; }

    /// <summary>True when the value must never leave the broker.</summary>
    public bool IsSensitive => Type is ConfigType.Password or ConfigType.Unknown;

    /// <summary>Broker properties that mean the same, the strongest first; empty when there are none.</summary>
    public IReadOnlyList<string> Synonyms { get; init; } = NoSynonyms;

    /// <summary>Broker properties that give the default of a topic or group property, the strongest first.</summary>
    public IReadOnlyList<BrokerSynonym> BrokerSynonyms { get; init; } = NoBrokerSynonyms;

    /// <summary>One line for DescribeConfigs with includeDocumentation.</summary>
    public string Documentation
    {
        get
        {
            string allowed = Validator is { } validator && validator.Description.Length > 0 ? $", allowed {validator.Description}" : "";
            string standard = IsRequired ? "required" : Default is null ? "no default" : $"default '{Default}'";
            return $"{Name}: {Type.ToString().ToLowerInvariant()}, {standard}{allowed}.";
        }
    }

    /// <summary>Parses and checks a value as Apache Kafka does (surrounding blanks are ignored).</summary>
    /// <returns>Null when the text is good, else the reason in one line (for INVALID_CONFIG or INVALID_REQUEST).</returns>
    public string? Parse(string? text, out object? value)
    {
        value = null;
        if (text is not null && ConfigText.TryParse(Type, text, out value) is { } reason)
            return Invalid(text, reason);
        return Validator?.Check(this, value);
    }

    /// <summary>The text of a refusal, naming value, property and reason.</summary>
    public string Invalid(string? value, string reason) => $"Invalid value {value ?? "null"} for configuration {Name}: {reason}";
}
