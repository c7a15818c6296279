namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>The topics that matched a regular expression at some time.</summary>
/// <param name="Topics">Names of the topics.</param>
/// <param name="Version">Offset of the cluster's metadata that was looked at.</param>
/// <param name="TimestampMs">Wall-clock time of the look.</param>
internal sealed record ResolvedRegex(IReadOnlySet<string> Topics, long Version, long TimestampMs);
