using System.Collections.Immutable;
using KafkaCompatBroker.Coordination.Configs;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>What a controller takes from its properties file; fixed while it runs.</summary>
public sealed class ControllerSettings
{
    /// <param name="nodeId">This node.</param>
    /// <param name="clusterId">The cluster, as in meta.properties.</param>
    /// <param name="resolver">This node's properties.</param>
    public ControllerSettings(int nodeId, string clusterId, ConfigResolver resolver)
    {
        NodeId = nodeId;
        ClusterId = clusterId;
        Resolver = resolver;
        ConfigValues values = resolver.BrokerValues(DynamicBrokerConfigs.None);
        DefaultPartitions = values.Int("num.partitions");
        DefaultReplicationFactor = (short)values.Int("default.replication.factor");
        IsTopicDeletionEnabled = values.Boolean("delete.topic.enable");
        SessionTimeoutMs = values.Int("broker.session.timeout.ms");
        SupportedFeatures = values.Boolean("unstable.feature.versions.enable")
            ? FeatureCatalog.SupportedWithUnstable
            : FeatureCatalog.Supported;
    }

    public int NodeId { get; }

    public string ClusterId { get; }

    public ConfigResolver Resolver { get; }

    public int DefaultPartitions { get; }

    public short DefaultReplicationFactor { get; }

    public bool IsTopicDeletionEnabled { get; }

    /// <summary>A broker that is silent for so long is fenced.</summary>
    public int SessionTimeoutMs { get; }

    public ImmutableSortedDictionary<string, FeatureRange> SupportedFeatures { get; }
}
