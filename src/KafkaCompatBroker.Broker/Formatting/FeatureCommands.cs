using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>The commands version-mapping and feature-dependencies.</summary>
internal static class FeatureCommands
{
    public static void PrintMapping(string? release, TextWriter output)
    {
        var metadataVersion = release is null ? ReleaseFeatures.Highest : ReleaseFeatures.Parse(release, allowUnstable: true);
        output.WriteLine($"{FeatureNames.MetadataVersion}={metadataVersion} ({release ?? ReleaseFeatures.HighestName})");
        foreach (var feature in ReleaseFeatures.Known) output.WriteLine($"{feature}={ReleaseFeatures.DefaultLevel(feature, metadataVersion)}");
    }

    public static void PrintDependencies(IReadOnlyList<string> features, TextWriter output)
    {
        foreach (var argument in features)
        {
            var parts = argument.Split('=');
            if (parts.Length != 2) throw new FormatFailure($"Invalid feature format: {argument}. Expected format: 'feature=version' (e.g. 'group.version=1')");
            var name = parts[0];
            if (!ReleaseFeatures.TryParseLevel(parts[1], out var level)) throw new FormatFailure($"Invalid version format: {parts[1]} for feature {name}");
            output.WriteLine(name == FeatureNames.MetadataVersion ? OfMetadataVersion(level) : OfFeature(name, level));
        }
    }

    private static string OfMetadataVersion(short level) => ReleaseFeatures.IsMetadataVersion(level)
        ? $"{FeatureNames.MetadataVersion}={level} ({ReleaseFeatures.NameOf(level)}) has no dependencies."
        : throw new FormatFailure($"Unknown metadata.version {level}");

    private static string OfFeature(string name, short level)
    {
        if (!ReleaseFeatures.Known.Contains(name)) throw new FormatFailure($"Unknown feature: {name}");
        if (!ReleaseFeatures.Supports(name, level)) throw new FormatFailure($"Feature level {level} is not supported for feature {name}");
        return ReleaseFeatures.Needs(name, level) is { } needed
            ? $"{name}={level} requires:{Environment.NewLine}    {FeatureNames.MetadataVersion}={needed} ({ReleaseFeatures.NameOf(needed)})"
            : $"{name}={level} has no dependencies.";
    }
}
