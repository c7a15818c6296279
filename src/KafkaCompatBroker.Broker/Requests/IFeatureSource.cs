namespace KafkaCompatBroker.Broker.Requests;

/// <summary>A feature (KIP-584) and the levels that this broker can run.</summary>
public readonly record struct SupportedFeature(string Name, short Lowest, short Highest);

/// <summary>A feature and the level that the cluster runs.</summary>
public readonly record struct FinalizedFeature(string Name, short Level);

/// <summary>The cluster's features at one moment.</summary>
/// <param name="Epoch">Offset of the metadata that it is taken from; -1 when there is none yet.</param>
/// <param name="Features">Level 0 is left out.</param>
public sealed record FinalizedFeatures(long Epoch, IReadOnlyList<FinalizedFeature> Features)
{
    public static FinalizedFeatures None { get; } = new(-1, []);
}

/// <summary>What ApiVersions says of features; fed by the metadata image.</summary>
public interface IFeatureSource
{
    IReadOnlyList<SupportedFeature> Supported { get; }

    FinalizedFeatures Finalized { get; }
}
