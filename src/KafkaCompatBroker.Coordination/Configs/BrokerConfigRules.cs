namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>What may be in the properties file and what may be changed in a running broker (KIP-226).</summary>
public static class BrokerConfigRules
{
    private const string ListenerPrefix = "listener.name.";

    private static readonly string[] ThreadCounts =
    [
        "background.threads", "log.cleaner.threads", "num.io.threads", "num.network.threads",
        "num.recovery.threads.per.data.dir", "num.replica.fetchers",
    ];

    /// <summary>Checks every known property of a properties file; unknown ones are allowed.</summary>
    /// <returns>One line for each bad value, in order of names.</returns>
    public static IReadOnlyList<string> CheckStatic(IReadOnlyDictionary<string, string> configs)
    {
        var problems = new List<string>();
        foreach ((string name, string text) in configs.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            if (ConfigDefinitions.Broker.Find(name)?.Parse(text, out _) is { } reason) problems.Add(reason);
        return problems;
    }

    /// <summary>Checks the dynamic properties that one broker, or all of them, would have.</summary>
    /// <param name="configs">All dynamic properties of that resource after the change.</param>
    /// <param name="isOneBroker">False for the default of all brokers.</param>
    /// <param name="current">The values before the change.</param>
    public static ConfigProblem? CheckDynamic(IReadOnlyDictionary<string, string> configs, bool isOneBroker, ConfigValues current)
    {
        string[] names = [.. configs.Keys.Order(StringComparer.Ordinal)];
        string[] fixedNames = [.. names.Where(static name => IsKnown(name) && ModeOf(name) == ConfigUpdateMode.ReadOnly)];
        if (fixedNames.Length > 0)
            return ConfigProblem.Request($"Cannot update these configs dynamically: [{string.Join(", ", fixedNames)}]");
        string[] perBroker = isOneBroker ? [] : [.. names.Where(static name => IsKnown(name) && ModeOf(name) == ConfigUpdateMode.PerBroker)];
        if (perBroker.Length > 0)
            return ConfigProblem.Request($"Cannot update these configs at default cluster level, broker id must be specified: [{string.Join(", ", perBroker)}]");
        foreach (string name in names)
            if (IsKnown(name) && ConfigResolver.DefinitionOf(name).Parse(configs[name], out _) is { } reason) return ConfigProblem.Request(reason);
        return CheckThreads(configs, current);
    }

    /// <summary>True when the property is Kafka's own, with or without a listener's prefix.</summary>
    public static bool IsKnown(string name) => ConfigResolver.DefinitionOf(name).Type != ConfigType.Unknown;

    private static ConfigUpdateMode ModeOf(string name) =>
        name.StartsWith(ListenerPrefix, StringComparison.Ordinal) ? ConfigUpdateMode.PerBroker : ConfigResolver.DefinitionOf(name).UpdateMode;

    private static ConfigProblem? CheckThreads(IReadOnlyDictionary<string, string> configs, ConfigValues current)
    {
        foreach (string name in ThreadCounts)
        {
            if (!configs.TryGetValue(name, out string? text) || !int.TryParse(text.Trim(), out int wanted)) continue;
            int now = current.Int(name);
            if (wanted < 1 || wanted < now / 2 || wanted > (long)now * 2)
                return ConfigProblem.Request(
                    $"Dynamic thread count update validation failed for {name}={wanted}: value should be between half ({now / 2}) and double ({(long)now * 2}) the current value, and greater than 0");
        }

        return null;
    }
}
