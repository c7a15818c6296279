using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>What differs between two images, so that listeners need not compare them.</summary>
public sealed class MetadataChanges
{
    /// <summary>Ids of topics that are new or whose partitions changed.</summary>
    public HashSet<Uuid> ChangedTopics { get; } = [];

    /// <summary>Topics as they were before they were deleted.</summary>
    public Dictionary<Uuid, TopicImage> DeletedTopics { get; } = [];

    /// <summary>Resources whose dynamic properties changed.</summary>
    public HashSet<ConfigResource> ChangedConfigs { get; } = [];

    /// <summary>Brokers that registered, left or changed state.</summary>
    public HashSet<int> ChangedBrokers { get; } = [];

    public bool HasFeatureChanges { get; set; }

    public bool HasQuotaChanges { get; set; }

    public bool HasScramChanges { get; set; }

    public bool HasAclChanges { get; set; }
}
