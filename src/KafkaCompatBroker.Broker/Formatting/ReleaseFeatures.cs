using System.Globalization;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>The features of Kafka's releases: their levels by metadata.version, and what a level of a feature needs (KIP-1022).</summary>
internal static class ReleaseFeatures
{
    public const string MetadataVersion = "metadata.version";
    public const string KRaftVersion = "kraft.version";
    public const short Lowest = 7;
    public const short Highest = 33;
    public const short HighestUnstable = 34;

    /// <summary>The first metadata.version that knows SCRAM credentials.</summary>
    public const short Scram = 11;

    private const short EligibleLeaderReplicasNeeds = 23;
    private const string EligibleLeaderReplicas = "eligible.leader.replicas.version";

    // Each release with the number of its metadata versions that exist since 3.3-IV3.
    private static readonly (string Release, int First, int Count)[] Releases =
    [
        ("3.3", 3, 1), ("3.4", 0, 1), ("3.5", 0, 3), ("3.6", 0, 3), ("3.7", 0, 5), ("3.8", 0, 1), ("3.9", 0, 1),
        ("4.0", 0, 4), ("4.1", 0, 2), ("4.2", 0, 2), ("4.3", 0, 1), ("4.4", 0, 3), ("4.5", 0, 1),
    ];

    // For each feature the metadata.version at which a level becomes the default of new clusters, from level 1 on; 0 = never by default.
    private static readonly (string Name, short[] DefaultSince)[] Features =
    [
        (KRaftVersion, [21]),
        ("transaction.version", [0, 24]),
        ("group.version", [22]),
        (EligibleLeaderReplicas, [26]),
        ("share.version", [28, 31]),
        ("streams.version", [29]),
    ];

    private static readonly string[] Names = [.. Releases.SelectMany(release => Enumerable.Range(release.First, release.Count).Select(number => $"{release.Release}-IV{number}"))];

    public static string LowestName => NameOf(Lowest);

    public static string HighestName => NameOf(Highest);

    /// <summary>Every feature but metadata.version, in the order in which Kafka lists them.</summary>
    public static IEnumerable<string> Known => Features.Select(feature => feature.Name);

    public static string NameOf(short metadataVersion) => Names[metadataVersion - Lowest];

    public static bool IsMetadataVersion(int level) => level is >= Lowest and <= HighestUnstable;

    /// <summary>The metadata.version of a release (4.3, 4.3.1) or of a level's name (4.3-IV0).</summary>
    /// <exception cref="FormatFailure">There is none.</exception>
    public static short Parse(string name, bool allowUnstable)
    {
        var parts = name.Split('.');
        var key = parts.Length < 2 ? name : $"{parts[0]}.{parts[1]}";
        var highest = allowUnstable ? HighestUnstable : Highest;
        for (var level = highest; level >= Lowest; level--)
            if (NameOf(level) == key || NameOf(level).StartsWith(key + "-", StringComparison.Ordinal)) return level;
        throw new FormatFailure($"Unknown metadata.version '{name}'. Supported metadata.version are: {string.Join(", ", Names.Take(highest - Lowest + 1))}");
    }

    /// <summary>The level that a new cluster of this metadata.version gets.</summary>
    public static short DefaultLevel(string feature, short metadataVersion)
    {
        var since = Features.First(known => known.Name == feature).DefaultSince;
        for (var level = since.Length; level > 0; level--)
            if (since[level - 1] > 0 && metadataVersion >= since[level - 1]) return (short)level;
        return 0;
    }

    public static bool Supports(string feature, int level) => Features.FirstOrDefault(known => known.Name == feature).DefaultSince is { } since && level >= 0 && level <= since.Length;

    /// <summary>The metadata.version that a level of a feature needs; null when it needs none.</summary>
    public static short? Needs(string feature, int level) => feature == EligibleLeaderReplicas && level > 0 ? EligibleLeaderReplicasNeeds : null;

    public static bool TryParseLevel(string text, out short level) => short.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out level);
}
