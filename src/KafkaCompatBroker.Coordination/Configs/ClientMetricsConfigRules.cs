using System.Text.RegularExpressions;

namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>What a client metrics subscription must obey (KIP-714).</summary>
public static class ClientMetricsConfigRules
{
    private const int IntervalLeastMs = 100;
    private const int IntervalMostMs = 3_600_000;

    private static readonly string[] MatchKeys =
    [
        "client_instance_id", "client_id", "client_software_name", "client_software_version", "client_source_address", "client_source_port",
    ];

    /// <summary>Checks the properties that a subscription would have.</summary>
    public static ConfigProblem? Check(IReadOnlyDictionary<string, string> configs)
    {
        foreach ((string name, string text) in configs.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (ConfigDefinitions.ClientMetrics.Find(name) is not { } definition)
                return ConfigProblem.Request($"Unknown client metrics configuration: {name}");
            if (definition.Parse(text, out object? value) is { } reason) return ConfigProblem.Config(reason);
            if (value is int intervalMs && (intervalMs < IntervalLeastMs || intervalMs > IntervalMostMs))
                return ConfigProblem.Request($"Invalid value {text} for interval.ms, interval must be between {IntervalLeastMs} and {IntervalMostMs} (1 hour)");
            if (name == "match" && (value as string[] ?? []).FirstOrDefault(static pattern => !IsPattern(pattern)) is { } bad)
                return ConfigProblem.Config($"Illegal client matching pattern: {bad}");
        }

        return null;
    }

    private static bool IsPattern(string pattern)
    {
        int equals = pattern.IndexOf('=');
        if (equals < 1 || !MatchKeys.Contains(pattern[..equals].Trim())) return false;
        try
        {
            _ = Regex.Match("", pattern[(equals + 1)..].Trim(), RegexOptions.NonBacktracking);
            return true;
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
