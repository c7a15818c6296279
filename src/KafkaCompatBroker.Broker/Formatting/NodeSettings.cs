using System.Globalization;
using KafkaCompatBroker.Coordination.Configs;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>What the storage commands take from a node's properties.</summary>
/// <param name="NodeId">node.id</param>
/// <param name="IsController">Whether process.roles has controller.</param>
/// <param name="LogDirectories">log.dirs and metadata.log.dir, each once, in the order of their names.</param>
/// <param name="MetadataDirectory">Where the metadata log is: metadata.log.dir or the first of log.dirs.</param>
/// <param name="ControllerListener">The first of controller.listener.names.</param>
/// <param name="ControllerEndpoint">Where that listener is to be reached, null when listeners do not say.</param>
/// <param name="HasStaticVoters">Whether controller.quorum.voters is set.</param>
/// <param name="AllowsUnstable">unstable.feature.versions.enable</param>
internal sealed record NodeSettings(
    int NodeId,
    bool IsController,
    IReadOnlyList<string> LogDirectories,
    string MetadataDirectory,
    string ControllerListener,
    (string Host, int Port)? ControllerEndpoint,
    bool HasStaticVoters,
    bool AllowsUnstable)
{
    private static readonly string[] Required = ["process.roles", "node.id"];

    /// <exception cref="FormatFailure">A property is missing or bad; the message names it.</exception>
    public static NodeSettings From(IReadOnlyDictionary<string, string> properties)
    {
        var given = new Dictionary<string, string>(properties, StringComparer.Ordinal);
        if (!given.ContainsKey("node.id") && given.TryGetValue("broker.id", out var brokerId)) given["node.id"] = brokerId;
        foreach (var name in Required)
            if (!given.ContainsKey(name)) throw new FormatFailure($"Missing required configuration \"{name}\" which has no default value.");
        if (BrokerConfigRules.CheckStatic(given) is { Count: > 0 } problems) throw new FormatFailure(problems[0]);
        var values = new ConfigResolver(given).BrokerValues(DynamicBrokerConfigs.None);
        var logDirs = Split((values.Printed("log.dirs") is { Length: > 0 } several ? several : values.Printed("log.dir")) ?? "");
        var metadataDirectory = values.Text("metadata.log.dir") is { Length: > 0 } own ? own : logDirs[0];
        var listeners = values.List("controller.listener.names");
        var listener = listeners.Count > 0 ? listeners[0] : throw new FormatFailure("controller.listener.names must name at least one listener.");
        return new NodeSettings(
            values.Int("node.id"),
            values.List("process.roles").Contains("controller"),
            [.. logDirs.Append(metadataDirectory).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            metadataDirectory,
            listener,
            Endpoint(values, listener),
            values.List("controller.quorum.voters").Count > 0,
            values.Boolean("unstable.feature.versions.enable"));
    }

    private static (string Host, int Port)? Endpoint(ConfigValues values, string listener) =>
        Find(values.List("advertised.listeners"), listener) ?? Find(values.List("listeners"), listener);

    private static (string Host, int Port)? Find(IReadOnlyList<string> listeners, string listener)
    {
        var prefix = listener + "://";
        if (listeners.FirstOrDefault(text => text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is not { } found) return null;
        var address = found[prefix.Length..];
        var colon = address.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            throw new FormatFailure($"Listener {found} has no port.");
        var host = address[..colon].Trim('[', ']');
        return (host.Length == 0 ? "localhost" : host, port);
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
