using System.Globalization;
using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>The features of Kafka's releases as the storage commands name, list and check them (KIP-1022).</summary>
internal static class ReleaseFeatures
{
    public const short Lowest = FeatureCatalog.LowestMetadataVersion;
    public const short Highest = FeatureCatalog.HighestMetadataVersion;
    public const short HighestUnstable = FeatureCatalog.UnstableMetadataVersion;

    /// <summary>The first metadata.version that knows SCRAM credentials.</summary>
    public const short Scram = 11;

    private const short EligibleLeaderReplicasNeeds = 23;
    private const short RecordedVotersSince = 21;

    /// <summary>Every feature but metadata.version, in the order in which Kafka lists them.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        FeatureNames.KRaftVersion, FeatureNames.Transaction, FeatureNames.Group, FeatureNames.EligibleLeaderReplicas, FeatureNames.Share, FeatureNames.Streams,
    ];

    public static string LowestName => NameOf(Lowest);

    public static string HighestName => NameOf(Highest);

    /// <summary>The name of a metadata.version that exists.</summary>
    public static string NameOf(short metadataVersion) => FeatureCatalog.NameOf(metadataVersion)!;

    public static bool IsMetadataVersion(int level) => level is >= Lowest and <= HighestUnstable;

    /// <summary>The metadata.version of a release (4.3, 4.3.1) or of a level's name (4.3-IV0).</summary>
    /// <exception cref="FormatFailure">There is none.</exception>
    public static short Parse(string name, bool allowUnstable)
    {
        var parts = name.Split('.');
        var highest = allowUnstable ? HighestUnstable : Highest;
        if (FeatureCatalog.LevelOf(parts.Length < 2 ? name : $"{parts[0]}.{parts[1]}") is { } level && level <= highest) return level;
        var names = Enumerable.Range(Lowest, highest - Lowest + 1).Select(known => NameOf((short)known));
        throw new FormatFailure($"Unknown metadata.version '{name}'. Supported metadata.version are: {string.Join(", ", names)}");
    }

    /// <summary>The level that a new cluster of this metadata.version gets.</summary>
    public static short DefaultLevel(string feature, short metadataVersion) => feature == FeatureNames.KRaftVersion
        ? (short)(metadataVersion >= RecordedVotersSince ? 1 : 0)
        : FeatureCatalog.DefaultLevels(metadataVersion).GetValueOrDefault(feature);

    public static bool Supports(string feature, int level) =>
        FeatureCatalog.Supported.TryGetValue(feature, out var range) && level >= range.Lowest && level <= range.Highest;

    /// <summary>The metadata.version that a level of a feature needs; null when it needs none.</summary>
    public static short? Needs(string feature, int level) => feature == FeatureNames.EligibleLeaderReplicas && level > 0 ? EligibleLeaderReplicasNeeds : null;

    public static bool TryParseLevel(string text, out short level) => short.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out level);
}
