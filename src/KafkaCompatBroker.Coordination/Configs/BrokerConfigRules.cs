namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>What may be in the properties file and what may be changed in a running broker (KIP-226).</summary>
public static class BrokerConfigRules
{
    private const string Reporters = "metric.reporters";
    private const string OwnReporter = "org.apache.kafka.common.metrics.JmxReporter";
    private const string ListenerPrefix = "listener.name.";

    // Stores and keys of TLS belong to a listener: changed for all listeners at once they could not be checked one by one.
    private static readonly string[] OnlyOfListeners =
    [
        "ssl.key.password", "ssl.keystore.certificate.chain", "ssl.keystore.key", "ssl.keystore.location", "ssl.keystore.password",
        "ssl.keystore.type", "ssl.truststore.certificates", "ssl.truststore.location", "ssl.truststore.password", "ssl.truststore.type",
    ];

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
        string[] ofListeners = [.. names.Where(OnlyOfListeners.Contains)];
        if (ofListeners.Length > 0)
            return ConfigProblem.Request($"These security configs can be dynamically updated only per-listener using the listener prefix: [{string.Join(", ", ofListeners)}]");
        string[] perBroker = isOneBroker ? [] : [.. names.Where(static name => IsKnown(name) && ModeOf(name) == ConfigUpdateMode.PerBroker)];
        if (perBroker.Length > 0)
            return ConfigProblem.Request($"Cannot update these configs at default cluster level, broker id must be specified: [{string.Join(", ", perBroker)}]");
        foreach (string name in names)
            if (IsKnown(name) && ConfigResolver.DefinitionOf(name).Parse(configs[name], out _) is { } reason) return ConfigProblem.Request(reason);
        return CheckReporters(configs) ?? CheckThreads(configs, current);
    }

    /// <summary>Checks what values must obey together.</summary>
    /// <returns>Null when they do, else the reason in one line.</returns>
    public static string? CheckTogether(ConfigValues values)
    {
        const long BytesPerCleanerLeast = 1024 * 1024;
        int cleaners = values.Int("log.cleaner.threads");
        if (cleaners > 0 && values.Long("log.cleaner.dedupe.buffer.size") / cleaners <= BytesPerCleanerLeast)
            return "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.";
        if (values.LongOrNull("log.retention.ms") is 0 || values.IntOrNull("log.retention.minutes") is 0 || values.Int("log.retention.hours") is 0)
            return "log.retention.ms must be unlimited (-1) or, equal or greater than 1";
        if (values.LongOrNull("log.roll.ms") is < 1) return "log.roll.ms must be equal or greater than 1";
        if (values.LongOrNull("log.roll.jitter.ms") is < 0) return "log.roll.jitter.ms must be equal or greater than 0";
        return values.Int("replica.fetch.wait.max.ms") > values.Long("replica.lag.time.max.ms")
            ? "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR"
            : null;
    }

    /// <summary>True when the property is Kafka's own, with or without a listener's prefix.</summary>
    public static bool IsKnown(string name) => ConfigResolver.DefinitionOf(name).Type != ConfigType.Unknown;

    private static ConfigUpdateMode ModeOf(string name) =>
        name.StartsWith(ListenerPrefix, StringComparison.Ordinal) ? ConfigUpdateMode.PerBroker : ConfigResolver.DefinitionOf(name).UpdateMode;

    // Classes of a JVM cannot be loaded: one that is named in a properties file that Kafka used is passed over, one that is asked for now is refused.
    private static ConfigProblem? CheckReporters(IReadOnlyDictionary<string, string> configs) =>
        ConfigText.SplitList(configs.GetValueOrDefault(Reporters) ?? "").FirstOrDefault(static name => name != OwnReporter) is { } unknown
            ? ConfigProblem.Request($"{Reporters} cannot be changed: there is no class {unknown}")
            : null;

    /// <summary>Checks that the cordoned directories are directories of the broker (KIP-1066).</summary>
    /// <param name="values">The broker's own values, not another's.</param>
    /// <returns>Null when they are, else the reason in one line.</returns>
    public static string? CheckCordons(ConfigValues values)
    {
        IReadOnlyList<string> cordoned = values.List("cordoned.log.dirs");
        if (cordoned is ["*"]) return null;
        string directories = values.Text("log.dirs") is { Length: > 0 } several ? several : values.Text("log.dir") ?? "";
        string[] missing = [.. cordoned.Except(values.List("log.dirs")).Except(ConfigText.SplitList(directories))];
        return missing.Length > 0
            ? $"All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : {string.Join(", ", missing)}"
            : null;
    }

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
