namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>What a group's properties must obey: the broker sets the bounds.</summary>
public static class GroupConfigRules
{
    // Property, then the broker's properties that bound it from below and above.
    private static readonly (string Name, string Least, string Most)[] Bounds =
    [
        ("consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms"),
        ("consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms"),
        ("consumer.assignment.interval.ms", "group.consumer.min.assignment.interval.ms", "group.consumer.max.assignment.interval.ms"),
        ("share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"),
        ("share.session.timeout.ms", "group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"),
        ("share.assignment.interval.ms", "group.share.min.assignment.interval.ms", "group.share.max.assignment.interval.ms"),
        ("share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms", "group.share.max.record.lock.duration.ms"),
        ("share.delivery.count.limit", "group.share.min.delivery.count.limit", "group.share.max.delivery.count.limit"),
        ("share.partition.max.record.locks", "group.share.min.partition.max.record.locks", "group.share.max.partition.max.record.locks"),
        ("streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms", "group.streams.max.heartbeat.interval.ms"),
        ("streams.session.timeout.ms", "group.streams.min.session.timeout.ms", "group.streams.max.session.timeout.ms"),
        ("streams.assignment.interval.ms", "group.streams.min.assignment.interval.ms", "group.streams.max.assignment.interval.ms"),
    ];

    private static readonly (string Shorter, string Longer)[] Ordered =
    [
        ("consumer.heartbeat.interval.ms", "consumer.session.timeout.ms"),
        ("share.heartbeat.interval.ms", "share.session.timeout.ms"),
        ("streams.heartbeat.interval.ms", "streams.session.timeout.ms"),
    ];

    /// <summary>Checks the properties that a group would have.</summary>
    public static ConfigProblem? Check(IReadOnlyDictionary<string, string> configs, ConfigResolver resolver, DynamicBrokerConfigs dynamic)
    {
        foreach ((string name, string text) in configs.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (ConfigDefinitions.Group.Find(name) is not { } definition) return ConfigProblem.Config($"Unknown group config name: {name}");
            if (definition.Parse(text, out _) is { } reason) return ConfigProblem.Config(reason);
        }

        ConfigValues broker = resolver.BrokerValues(dynamic);
        ConfigValues group = resolver.GroupValues(configs, dynamic);
        foreach ((string name, string least, string most) in Bounds)
        {
            if (!configs.ContainsKey(name)) continue;
            if (group.Int(name) < broker.Int(least)) return ConfigProblem.Config($"{name} must be greater than or equal to {least}");
            if (group.Int(name) > broker.Int(most)) return ConfigProblem.Config($"{name} must be less than or equal to {most}");
        }

        foreach ((string shorter, string longer) in Ordered)
            if ((configs.ContainsKey(shorter) || configs.ContainsKey(longer)) && group.Int(shorter) >= group.Int(longer))
                return ConfigProblem.Config($"{longer} must be greater than {shorter}");
        if (configs.ContainsKey("streams.num.standby.replicas") &&
            group.Int("streams.num.standby.replicas") > broker.Int("group.streams.max.standby.replicas"))
            return ConfigProblem.Config("streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas");
        return null;
    }
}
