using System.Collections;

namespace KafkaCompatBroker.Host.Configuration;

/// <summary>The properties of one node: a file or the built-in defaults, then KAFKA_* variables, then overrides; the later wins.</summary>
internal static class NodeProperties
{
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FormatException">The file is not in Java properties syntax.</exception>
    public static Dictionary<string, string> Load(string? file, IEnumerable<KeyValuePair<string, string>> overrides, IDictionary environment)
    {
        var fromEnvironment = EnvironmentProperties.From(environment);
        // A node whose roles come from the environment is described there as a whole, as in a container: the single node's
        // listeners and quorum would contradict it.
        var properties = file is not null ? JavaProperties.ReadFile(file)
            : fromEnvironment.ContainsKey("process.roles") ? new(StringComparer.Ordinal)
            : SingleNode();
        foreach (var (key, value) in fromEnvironment.Concat(overrides))
        {
            properties[key] = value;
        }

        return properties;
    }

    private static Dictionary<string, string> SingleNode() => new(StringComparer.Ordinal)
    {
        ["process.roles"] = "broker,controller",
        ["node.id"] = "1",
        ["controller.quorum.bootstrap.servers"] = "localhost:9093",
        ["controller.listener.names"] = "CONTROLLER",
        ["listeners"] = "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
        ["advertised.listeners"] = "PLAINTEXT://localhost:9092",
        ["log.dirs"] = Path.GetFullPath("data"),
        ["offsets.topic.replication.factor"] = "1",
        ["transaction.state.log.replication.factor"] = "1",
        ["transaction.state.log.min.isr"] = "1",
        ["share.coordinator.state.topic.replication.factor"] = "1",
        ["share.coordinator.state.topic.min.isr"] = "1",
        ["group.initial.rebalance.delay.ms"] = "0",
    };
}
