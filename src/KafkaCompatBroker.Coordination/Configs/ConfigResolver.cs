namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>
/// Finds the effective values of a broker, its topics and groups: topic (or group) over dynamic broker over dynamic
/// cluster default over properties file over built-in default. Immutable.
/// </summary>
public sealed class ConfigResolver
{
    private const string ListenerPrefix = "listener.name.";
    private readonly IReadOnlyDictionary<string, string> _static;

    /// <param name="staticConfigs">The properties file as read; unknown names are allowed.</param>
    public ConfigResolver(IReadOnlyDictionary<string, string> staticConfigs) => _static = WithBothIds(staticConfigs);

    /// <summary>The properties file.</summary>
    public IReadOnlyDictionary<string, string> StaticConfigs => _static;

    /// <summary>Every property of a broker with its value, source and synonyms.</summary>
    public IReadOnlyList<EffectiveConfig> DescribeBroker(DynamicBrokerConfigs dynamic)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (ConfigDefinition definition in ConfigDefinitions.Broker.Definitions)
            if (!definition.IsInternal) names.Add(definition.Name);
        foreach (string name in _static.Keys.Concat(dynamic.OfCluster.Keys).Concat(dynamic.OfBroker.Keys)) names.Add(name);
        return [.. names.Select(name => DescribeBrokerProperty(name, dynamic, _ => true, BrokerValue(name, dynamic)))];
    }

    /// <summary>The properties that are set for all brokers.</summary>
    public IReadOnlyList<EffectiveConfig> DescribeClusterDefault(DynamicBrokerConfigs dynamic) =>
    [
        .. dynamic.OfCluster.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(pair =>
            DescribeBrokerProperty(pair.Key, dynamic, static synonym => synonym.Source == ConfigSource.DynamicDefaultBroker, pair.Value)),
    ];

    /// <summary>Every property of a topic with its value, source and synonyms.</summary>
    public IReadOnlyList<EffectiveConfig> DescribeTopic(IReadOnlyDictionary<string, string> topicConfigs, DynamicBrokerConfigs dynamic)
    {
        var described = new List<EffectiveConfig>();
        foreach (ConfigDefinition definition in ConfigDefinitions.Topic.Definitions)
        {
            bool isSet = topicConfigs.TryGetValue(definition.Name, out string? own);
            if (definition.IsInternal && !isSet) continue;
            string? value = Canonical(definition, isSet ? own : InheritedTopicValue(definition, dynamic));
            var synonyms = new List<ConfigSynonym>();
            if (isSet) synonyms.Add(new ConfigSynonym(definition.Name, value, ConfigSource.DynamicTopic));
            if (definition.BrokerSynonyms.Count > 0)
                synonyms.AddRange(BrokerSynonyms(definition.BrokerSynonyms[0].Name, dynamic));
            described.Add(Entry(definition, value, synonyms, isReadOnly: false));
        }

        return described;
    }

    /// <summary>Every property of a group; the broker's property of the same meaning is its default.</summary>
    public IReadOnlyList<EffectiveConfig> DescribeGroup(IReadOnlyDictionary<string, string> groupConfigs, DynamicBrokerConfigs dynamic)
    {
        var described = new List<EffectiveConfig>();
        foreach (ConfigDefinition definition in ConfigDefinitions.Group.Definitions)
        {
            bool isSet = groupConfigs.TryGetValue(definition.Name, out string? own);
            if (definition.IsInternal && !isSet) continue;
            string? inherited = InheritedTopicValue(definition, dynamic);
            var synonyms = new List<ConfigSynonym>();
            if (isSet) synonyms.Add(new ConfigSynonym(definition.Name, Canonical(definition, own), ConfigSource.Group));
            if (definition.BrokerSynonyms.Count > 0)
                synonyms.AddRange(BrokerSynonyms(definition.BrokerSynonyms[0].Name, dynamic));
            else if (definition.Default is not null)
                synonyms.Add(new ConfigSynonym(definition.Name, definition.Default, ConfigSource.Default));
            described.Add(Entry(definition, Canonical(definition, isSet ? own : inherited), synonyms, isReadOnly: false));
        }

        return described;
    }

    /// <summary>Every property of a client metrics subscription.</summary>
    public static IReadOnlyList<EffectiveConfig> DescribeClientMetrics(IReadOnlyDictionary<string, string> configs)
    {
        var described = new List<EffectiveConfig>();
        foreach (ConfigDefinition definition in ConfigDefinitions.ClientMetrics.Definitions)
        {
            bool isSet = configs.TryGetValue(definition.Name, out string? own);
            string? value = Canonical(definition, isSet ? own : definition.Default);
            ConfigSynonym[] synonyms = isSet ? [new ConfigSynonym(definition.Name, value, ConfigSource.ClientMetrics)] : [];
            described.Add(Entry(definition, value, synonyms, isReadOnly: false));
        }

        return described;
    }

    /// <summary>What CreateTopics v5+ answers (KIP-525): values as they were given, sources without synonyms.</summary>
    public IReadOnlyList<EffectiveConfig> CreatedTopicConfigs(IReadOnlyDictionary<string, string> topicConfigs, DynamicBrokerConfigs dynamic)
    {
        var described = new List<EffectiveConfig>();
        foreach (ConfigDefinition definition in ConfigDefinitions.Topic.Definitions)
        {
            bool isSet = topicConfigs.TryGetValue(definition.Name, out string? own);
            if (definition.IsInternal && !isSet) continue;
            (string? value, ConfigSource source) = isSet ? (own, ConfigSource.DynamicTopic) : StrongestTopicDefault(definition, dynamic);
            described.Add(new EffectiveConfig(definition.Name, definition.IsSensitive ? null : value, definition.Type, source, false, [], ""));
        }

        return described;
    }

    /// <summary>The broker's values for its own use.</summary>
    public ConfigValues BrokerValues(DynamicBrokerConfigs dynamic) =>
        Values(ConfigDefinitions.Broker, definition => BrokerValue(definition.Name, dynamic));

    /// <summary>A topic's values: what its logs and partitions act on.</summary>
    public ConfigValues TopicValues(IReadOnlyDictionary<string, string> topicConfigs, DynamicBrokerConfigs dynamic) =>
        Values(ConfigDefinitions.Topic, definition => topicConfigs.GetValueOrDefault(definition.Name) ?? InheritedTopicValue(definition, dynamic));

    /// <summary>A group's values.</summary>
    public ConfigValues GroupValues(IReadOnlyDictionary<string, string> groupConfigs, DynamicBrokerConfigs dynamic) =>
        Values(ConfigDefinitions.Group, definition => groupConfigs.GetValueOrDefault(definition.Name) ?? InheritedTopicValue(definition, dynamic));

    /// <summary>A broker property's text by the strength of its sources, or null.</summary>
    public string? BrokerValue(string name, DynamicBrokerConfigs dynamic) =>
        dynamic.OfBroker.GetValueOrDefault(name) ??
        dynamic.OfCluster.GetValueOrDefault(name) ??
        _static.GetValueOrDefault(name) ??
        ConfigDefinitions.Broker.Find(name)?.Default;

    // broker.id is the older name of node.id (KIP-1232): whichever is set stands for both.
    private static IReadOnlyDictionary<string, string> WithBothIds(IReadOnlyDictionary<string, string> configs)
    {
        const string NodeId = "node.id";
        const string BrokerId = "broker.id";
        if (configs.ContainsKey(NodeId) == configs.ContainsKey(BrokerId)) return configs;
        return configs.TryGetValue(NodeId, out string? id)
            ? new Dictionary<string, string>(configs, StringComparer.Ordinal) { [BrokerId] = id }
            : new Dictionary<string, string>(configs, StringComparer.Ordinal) { [NodeId] = configs[BrokerId] };
    }

    private static ConfigValues Values(ConfigSchema schema, Func<ConfigDefinition, string?> textOf)
    {
        var values = new Dictionary<string, object?>(schema.Definitions.Count, StringComparer.Ordinal);
        foreach (ConfigDefinition definition in schema.Definitions)
        {
            if (definition.Parse(textOf(definition), out object? value) is not null)
                definition.Parse(definition.Default, out value);
            values[definition.Name] = value;
        }

        return new ConfigValues(values);
    }

    private string? InheritedTopicValue(ConfigDefinition definition, DynamicBrokerConfigs dynamic)
    {
        foreach (BrokerSynonym synonym in definition.BrokerSynonyms)
            if (BrokerValue(synonym.Name, dynamic) is { } value) return NegativeIsForever(definition, synonym.Convert(value));
        return definition.Default;
    }

    // Kafka reads any negative broker-wide retention time as "keep forever", whose topic value is -1.
    private static string NegativeIsForever(ConfigDefinition definition, string value) =>
        definition.Name == "retention.ms" && value.TrimStart().StartsWith('-') ? "-1" : value;

    private (string? Value, ConfigSource Source) StrongestTopicDefault(ConfigDefinition definition, DynamicBrokerConfigs dynamic)
    {
        foreach ((IReadOnlyDictionary<string, string> values, ConfigSource source) in Layers(dynamic))
            foreach (BrokerSynonym synonym in definition.BrokerSynonyms)
                if (values.TryGetValue(synonym.Name, out string? value)) return (synonym.Convert(value), source);
        return (definition.Default, ConfigSource.Default);
    }

    private IEnumerable<(IReadOnlyDictionary<string, string> Values, ConfigSource Source)> Layers(DynamicBrokerConfigs dynamic)
    {
        yield return (dynamic.OfBroker, ConfigSource.DynamicBroker);
        yield return (dynamic.OfCluster, ConfigSource.DynamicDefaultBroker);
        yield return (_static, ConfigSource.StaticBroker);
    }

    private static EffectiveConfig DescribeBrokerProperty(
        ConfigDefinition definition, string? value, List<ConfigSynonym> synonyms) =>
        Entry(definition, Canonical(definition, value), synonyms, definition.UpdateMode == ConfigUpdateMode.ReadOnly);

    private EffectiveConfig DescribeBrokerProperty(string name, DynamicBrokerConfigs dynamic, Predicate<ConfigSynonym> counts, string? value)
    {
        ConfigDefinition definition = DefinitionOf(name);
        List<ConfigSynonym> synonyms = BrokerSynonyms(name, dynamic).FindAll(counts);
        return DescribeBrokerProperty(definition, value, synonyms);
    }

    // listener.name.LISTENER.PROPERTY is the property of one listener; other unknown names belong to plug-ins and stay secret.
    internal static ConfigDefinition DefinitionOf(string name)
    {
        if (ConfigDefinitions.Broker.Find(name) is { } known) return known;
        if (ConfigDefinitions.BrokerQuota.Find(name) is { } quota) return quota;
        if (name.StartsWith(ListenerPrefix, StringComparison.Ordinal) &&
            name.IndexOf('.', ListenerPrefix.Length) is int dot && dot > 0)
        {
            string rest = name[(dot + 1)..];
            ConfigDefinition? definition = ConfigDefinitions.Broker.Definitions.FirstOrDefault(candidate =>
                rest == candidate.Name || rest.EndsWith("." + candidate.Name, StringComparison.Ordinal));
            if (definition is not null) return definition with { Name = name, Default = null, Synonyms = [definition.Name] };
        }

        return new ConfigDefinition(name, ConfigType.Unknown, null, ConfigImportance.Low, ConfigUpdateMode.ReadOnly, null);
    }

    private List<ConfigSynonym> BrokerSynonyms(string name, DynamicBrokerConfigs dynamic)
    {
        ConfigDefinition definition = DefinitionOf(name);
        IEnumerable<string> names = definition.Synonyms.Count == 0 ? [name] : definition.Synonyms.Contains(name) ? definition.Synonyms : definition.Synonyms.Prepend(name);
        var synonyms = new List<ConfigSynonym>();
        foreach ((IReadOnlyDictionary<string, string> values, ConfigSource source) in Layers(dynamic))
            foreach (string synonym in names)
                if (values.TryGetValue(synonym, out string? value))
                    synonyms.Add(new ConfigSynonym(synonym, definition.IsSensitive ? null : value, source));
        foreach (string synonym in names)
            if (ConfigDefinitions.Broker.Find(synonym)?.Default is { } standard)
                synonyms.Add(new ConfigSynonym(synonym, definition.IsSensitive ? null : standard, ConfigSource.Default));

        // A weaker synonym in front of the first mention of the property itself does not tell where its value comes from.
        int first = synonyms.FindIndex(synonym => synonym.Name == name);
        return first < 0 ? [] : synonyms[first..];
    }

    private static string? Canonical(ConfigDefinition definition, string? text)
    {
        if (text is null || definition.IsSensitive) return null;
        return ConfigText.TryParse(definition.Type, text, out object? value) is null ? ConfigText.Print(value) : text;
    }

    private static EffectiveConfig Entry(ConfigDefinition definition, string? value, IReadOnlyList<ConfigSynonym> synonyms, bool isReadOnly) =>
        new(definition.Name, definition.IsSensitive ? null : value, definition.Type,
            synonyms.Count == 0 ? ConfigSource.Default : synonyms[0].Source, isReadOnly, synonyms, definition.Documentation);
}
