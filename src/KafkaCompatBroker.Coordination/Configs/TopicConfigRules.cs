namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>What a topic's properties must obey as a whole, beyond each value's own range.</summary>
public static class TopicConfigRules
{
    /// <summary>Checks the properties that a topic would have.</summary>
    /// <param name="configs">All dynamic properties of the topic after the change.</param>
    /// <param name="inherited">The broker's values: defaults, and whether tiered storage is on.</param>
    public static ConfigProblem? Check(IReadOnlyDictionary<string, string> configs, ConfigResolver inherited, DynamicBrokerConfigs dynamic)
    {
        foreach ((string name, string text) in configs.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (ConfigDefinitions.Topic.Find(name) is not { } definition) return ConfigProblem.Config($"Unknown topic config name: {name}");
            if (definition.Parse(text, out _) is { } reason) return ConfigProblem.Config(reason);
        }

        ConfigValues values = inherited.TopicValues(configs, dynamic);
        if (values.Long("min.compaction.lag.ms") > values.Long("max.compaction.lag.ms"))
            return ConfigProblem.Config(
                $"conflict topic config setting min.compaction.lag.ms ({values.Long("min.compaction.lag.ms")}) > max.compaction.lag.ms ({values.Long("max.compaction.lag.ms")})");
        return values.Boolean("remote.storage.enable") ? CheckRemote(values, inherited, dynamic) : null;
    }

    private static ConfigProblem? CheckRemote(ConfigValues values, ConfigResolver inherited, DynamicBrokerConfigs dynamic)
    {
        if (!string.Equals(inherited.BrokerValue("remote.log.storage.system.enable", dynamic)?.Trim(), "true", StringComparison.OrdinalIgnoreCase))
            return ConfigProblem.Config("Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.");
        if (values.List("cleanup.policy").Contains("compact"))
            return ConfigProblem.Config("Remote log storage is unsupported for the compacted topics");
        return CheckLocal(values, "local.retention.ms", "retention.ms") ?? CheckLocal(values, "local.retention.bytes", "retention.bytes");
    }

    private static ConfigProblem? CheckLocal(ConfigValues values, string localName, string totalName)
    {
        long local = values.Long(localName);
        long total = values.Long(totalName);
        if (local == -2 || total == -1) return null;
        if (local == -1) return ConfigProblem.Config($"Invalid value -1 for configuration {localName}: Value must not be -1 as {totalName} value is set as {total}.");
        return local > total
            ? ConfigProblem.Config($"Invalid value {local} for configuration {localName}: Value must not be more than {totalName} property value: {total}")
            : null;
    }
}
