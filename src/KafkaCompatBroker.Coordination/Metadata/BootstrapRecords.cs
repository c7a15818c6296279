using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The first records of a cluster, which formatting writes (KIP-1170) and a controller writes when they are missing.</summary>
public static class BootstrapRecords
{
    /// <summary>Feature levels of a new cluster, metadata.version first.</summary>
    /// <param name="metadataVersion">Its metadata.version.</param>
    /// <param name="chosen">Levels that an operator chose; 0 leaves a feature out.</param>
    public static IReadOnlyList<IMessage> For(short metadataVersion, IReadOnlyDictionary<string, short>? chosen = null)
    {
        var records = new List<IMessage> { new FeatureLevelRecord { Name = FeatureNames.MetadataVersion, FeatureLevel = metadataVersion } };
        var levels = new SortedDictionary<string, short>(StringComparer.Ordinal);
        foreach ((string name, short level) in FeatureCatalog.DefaultLevels(metadataVersion)) levels[name] = level;
        foreach ((string name, short level) in chosen ?? new Dictionary<string, short>()) levels[name] = level;
        foreach ((string name, short level) in levels)
            if (level > 0 && name is not (FeatureNames.MetadataVersion or FeatureNames.KRaftVersion))
                records.Add(new FeatureLevelRecord { Name = name, FeatureLevel = level });
        return records;
    }
}
