using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>The feature levels that a new cluster begins with, from --release-version and --feature.</summary>
/// <param name="MetadataVersion">Its metadata.version.</param>
/// <param name="KRaftVersion">Its kraft.version, which stands in the log as a control record.</param>
/// <param name="Levels">Every other feature, by name.</param>
internal sealed record InitialFeatures(short MetadataVersion, short KRaftVersion, SortedDictionary<string, short> Levels)
{
    /// <exception cref="FormatFailure">The levels do not exist or do not go together.</exception>
    public static InitialFeatures Decide(string? release, IReadOnlyList<string> features, NodeSettings node)
    {
        var asked = Parse(features);
        var metadataVersion = DecideMetadataVersion(release, asked, node.AllowsUnstable);
        asked.Remove(FeatureNames.MetadataVersion);
        foreach (var name in asked.Keys)
        {
            if (ReleaseFeatures.Known.Contains(name)) continue;
            throw new FormatFailure($"Unsupported feature: {name}. Supported features are: {string.Join(", ", ReleaseFeatures.Known.Order(StringComparer.Ordinal))}");
        }
        var kraftVersion = DecideKRaftVersion(asked, !node.HasStaticVoters);
        var levels = new SortedDictionary<string, short>(StringComparer.Ordinal);
        foreach (var name in ReleaseFeatures.Known)
        {
            var level = name == FeatureNames.KRaftVersion ? kraftVersion
                : asked.TryGetValue(name, out var wanted) ? wanted
                : ReleaseFeatures.DefaultLevel(name, metadataVersion);
            Check(name, level, metadataVersion);
            if (name != FeatureNames.KRaftVersion) levels[name] = level;
        }
        return new InitialFeatures(metadataVersion, kraftVersion, levels);
    }

    private static Dictionary<string, short> Parse(IReadOnlyList<string> features)
    {
        var levels = new Dictionary<string, short>(StringComparer.Ordinal);
        foreach (var argument in features)
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw new FormatFailure($"Can't parse feature=level string {argument}: equals sign not found.");
            var text = argument[(equals + 1)..].Trim();
            if (!ReleaseFeatures.TryParseLevel(text, out var level)) throw new FormatFailure($"Can't parse feature=level string {argument}: unable to parse {text} as a short.");
            levels[argument[..equals].Trim()] = level;
        }
        return levels;
    }

    private static short DecideMetadataVersion(string? release, Dictionary<string, short> asked, bool allowUnstable)
    {
        short? named = release is null ? null : ReleaseFeatures.Parse(release, allowUnstable);
        if (asked.TryGetValue(FeatureNames.MetadataVersion, out var level))
        {
            if (named is not null) throw new FormatFailure("Use --release-version instead of --feature metadata.version=X to avoid ambiguity.");
            if (!ReleaseFeatures.IsMetadataVersion(level))
                throw new FormatFailure($"No MetadataVersion with feature level {level}. Valid feature levels are from {ReleaseFeatures.Lowest} to {ReleaseFeatures.HighestUnstable}.");
            if (level > ReleaseFeatures.Highest && !allowUnstable) throw new FormatFailure($"metadata.version {ReleaseFeatures.NameOf(level)} is not yet stable.");
            return level;
        }
        return named ?? (allowUnstable ? ReleaseFeatures.HighestUnstable : ReleaseFeatures.Highest);
    }

    private static short DecideKRaftVersion(Dictionary<string, short> asked, bool isDynamic)
    {
        if (!asked.TryGetValue(FeatureNames.KRaftVersion, out var level)) return (short)(isDynamic ? 1 : 0);
        if (level == 0 && isDynamic)
            throw new FormatFailure("Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try removing the --feature flag for kraft.version.");
        if (level != 0 && !isDynamic)
            throw new FormatFailure($"Cannot set kraft.version to {level} unless controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try using one of --standalone, --initial-controllers, or --no-initial-controllers and removing controller.quorum.voters.");
        return level;
    }

    private static void Check(string name, short level, short metadataVersion)
    {
        if (!ReleaseFeatures.Supports(name, level)) throw new FormatFailure($"No feature:{name} with feature level {level}");
        if (ReleaseFeatures.Needs(name, level) is { } needed && metadataVersion < needed)
            throw new FormatFailure($"{name} could not be set to {level} because it depends on metadata.version level {needed}");
    }
}
