using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Coordination.Telemetry;

/// <summary>What a client is asked to push, by all client metrics subscriptions that match it together (KIP-714).</summary>
/// <param name="SubscriptionId">Stands for the rest: a push with another one is out of date.</param>
/// <param name="PushIntervalMs">The shortest interval of the subscriptions, in ms.</param>
/// <param name="Metrics">Prefixes of metric names; empty for none.</param>
public sealed record TelemetryTerms(int SubscriptionId, int PushIntervalMs, IReadOnlyList<string> Metrics)
{
    private const int IntervalDefaultMs = 300_000;
    private const string EveryMetric = "*";

    /// <summary>The terms of a client under the subscriptions of an image.</summary>
    public static TelemetryTerms Of(MetadataImage image, TelemetryClient client)
    {
        var metrics = new SortedSet<string>(StringComparer.Ordinal);
        int? intervalMs = null;
        foreach ((ConfigResource resource, IReadOnlyDictionary<string, string> configs) in Subscriptions(image))
        {
            if (!Matches(configs.GetValueOrDefault("match"), client)) continue;
            metrics.UnionWith(Items(configs.GetValueOrDefault("metrics")));
            int own = int.TryParse(configs.GetValueOrDefault("interval.ms"), CultureInfo.InvariantCulture, out int given) ? given : IntervalDefaultMs;
            intervalMs = Math.Min(intervalMs ?? own, own);
        }

        string[] asked = metrics.Contains(EveryMetric) ? [EveryMetric] : [.. metrics];
        int interval = intervalMs ?? IntervalDefaultMs;
        string text = $"{string.Join(',', asked)} {interval.ToString(CultureInfo.InvariantCulture)}";
        return new TelemetryTerms((int)Crc32C.Compute(Encoding.UTF8.GetBytes(text)) ^ client.InstanceId.GetHashCode(), interval, asked);
    }

    private static IEnumerable<(ConfigResource Resource, IReadOnlyDictionary<string, string> Configs)> Subscriptions(MetadataImage image) =>
        image.Configs.Keys.Where(static resource => resource.Type == ConfigResourceType.ClientMetrics)
            .Select(resource => (resource, (IReadOnlyDictionary<string, string>)image.ConfigsOf(resource)));

    private static string[] Items(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool Matches(string? patterns, TelemetryClient client)
    {
        foreach (string pattern in Items(patterns))
        {
            int equals = pattern.IndexOf('=', StringComparison.Ordinal);
            string value = ValueOf(pattern[..equals].Trim(), client);
            if (!Regex.IsMatch(value, $"^(?:{pattern[(equals + 1)..].Trim()})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)) return false;
        }

        return true;
    }

    private static string ValueOf(string key, TelemetryClient client) => key switch
    {
        "client_instance_id" => client.InstanceId.ToString(),
        "client_id" => client.ClientId,
        "client_software_name" => client.SoftwareName,
        "client_software_version" => client.SoftwareVersion,
        "client_source_address" => client.SourceAddress,
        _ => client.SourcePort,
    };
}
