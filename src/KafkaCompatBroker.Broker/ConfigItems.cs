using KafkaCompatBroker.Coordination.Configs;

namespace KafkaCompatBroker.Broker;

/// <summary>Properties that are lists, whether Kafka defines them as lists or as text with commas.</summary>
internal static class ConfigItems
{
    public static IReadOnlyList<string> Of(ConfigValues values, string name) =>
        values.List(name) is { Count: > 0 } items
            ? items
            : (values.Text(name) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
