using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker.Handlers.Shares;

/// <summary>Whether share groups (KIP-932) are known in this cluster.</summary>
internal static class ShareGroupProtocol
{
    /// <summary>The feature share.version is at least 1.</summary>
    public static bool IsOn(ClusterView cluster) => cluster.Image.Features.GetValueOrDefault(FeatureNames.Share) >= 1;
}
