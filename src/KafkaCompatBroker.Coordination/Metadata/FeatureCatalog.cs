using System.Collections.Immutable;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The features and metadata versions of Apache Kafka 4.4 that this broker supports.</summary>
public static class FeatureCatalog
{
    /// <summary>3.3-IV3, the oldest level that a KRaft-only release reads.</summary>
    public const short LowestMetadataVersion = 7;

    /// <summary>4.4-IV2.</summary>
    public const short HighestMetadataVersion = 33;

    /// <summary>4.5-IV0, allowed with unstable.feature.versions.enable.</summary>
    public const short UnstableMetadataVersion = 34;

    // Levels whose records differ from the level before: a downgrade across them could lose information.
    private static readonly short[] RecordChanges = [7, 8, 11, 13, 14, 15, 17, 23, 30, 32, 33];

    private static readonly (string Release, short Level)[] Releases =
    [
        ("3.3", 7), ("3.4", 8), ("3.5", 11), ("3.6", 14), ("3.7", 19), ("3.8", 20), ("3.9", 21),
        ("4.0", 25), ("4.1", 27), ("4.2", 29), ("4.3", 30), ("4.4", 33),
    ];

    /// <summary>The levels that this node supports, by feature.</summary>
    public static ImmutableSortedDictionary<string, FeatureRange> Supported { get; } = SupportedUpTo(HighestMetadataVersion);

    /// <summary>The same with levels that are still in development.</summary>
    public static ImmutableSortedDictionary<string, FeatureRange> SupportedWithUnstable { get; } = SupportedUpTo(UnstableMetadataVersion);

    /// <summary>Levels that a new cluster gets, by feature, without kraft.version (which the quorum keeps itself).</summary>
    /// <param name="metadataVersion">The cluster's metadata.version; features that came later stay at 0.</param>
    public static ImmutableSortedDictionary<string, short> DefaultLevels(short metadataVersion)
    {
        ImmutableSortedDictionary<string, short>.Builder levels = ImmutableSortedDictionary.CreateBuilder<string, short>(StringComparer.Ordinal);
        levels[FeatureNames.MetadataVersion] = metadataVersion;
        Add(FeatureNames.Group, 1, 22);
        Add(FeatureNames.Transaction, 2, 24);
        Add(FeatureNames.EligibleLeaderReplicas, 1, 26);
        Add(FeatureNames.Share, 1, 28);
        Add(FeatureNames.Streams, 1, 29);
        Add(FeatureNames.Share, 2, 31);
        return levels.ToImmutable();

        void Add(string feature, short level, short since)
        {
            if (metadataVersion >= since) levels[feature] = level;
        }
    }

    /// <summary>True when no level above <paramref name="target"/> up to <paramref name="current"/> changed the records.</summary>
    public static bool IsLosslessDowngrade(short current, short target) =>
        !RecordChanges.Any(level => level > target && level <= current);

    /// <summary>The name of a level, such as 4.4-IV2; null when unknown.</summary>
    public static string? NameOf(short metadataVersion)
    {
        if (metadataVersion == UnstableMetadataVersion) return "4.5-IV0";
        int from = LowestMetadataVersion - 1;
        foreach ((string release, short level) in Releases)
        {
            if (metadataVersion <= level && metadataVersion > from)
                return release == "3.3" ? "3.3-IV3" : $"{release}-IV{metadataVersion - from - 1}";
            from = level;
        }

        return null;
    }

    /// <summary>The level that a release name (4.4) or level name (4.4-IV1) means; null when unknown.</summary>
    public static short? LevelOf(string name)
    {
        foreach ((string release, short level) in Releases)
            if (name == release || name.StartsWith(release + ".", StringComparison.Ordinal)) return level;
        for (short level = LowestMetadataVersion; level <= UnstableMetadataVersion; level++)
            if (string.Equals(NameOf(level), name, StringComparison.Ordinal)) return level;
        return name == "4.5" ? UnstableMetadataVersion : null;
    }

    private static ImmutableSortedDictionary<string, FeatureRange> SupportedUpTo(short highestMetadataVersion)
    {
        ImmutableSortedDictionary<string, FeatureRange>.Builder ranges = ImmutableSortedDictionary.CreateBuilder<string, FeatureRange>(StringComparer.Ordinal);
        ranges[FeatureNames.MetadataVersion] = new FeatureRange(LowestMetadataVersion, highestMetadataVersion);
        ranges[FeatureNames.KRaftVersion] = new FeatureRange(0, 1);
        ranges[FeatureNames.EligibleLeaderReplicas] = new FeatureRange(0, 1);
        ranges[FeatureNames.Group] = new FeatureRange(0, 1);
        ranges[FeatureNames.Share] = new FeatureRange(0, 2);
        ranges[FeatureNames.Streams] = new FeatureRange(0, 1);
        ranges[FeatureNames.Transaction] = new FeatureRange(0, 2);
        return ranges.ToImmutable();
    }
}
