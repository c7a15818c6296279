using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>Whether consumer groups (KIP-848) are served.</summary>
internal static class ConsumerGroupProtocol
{
    private const string Name = "consumer";

    /// <summary>The feature group.version is at least 1 and the broker's properties name the protocol.</summary>
    public static bool IsOn(ClusterView cluster) =>
        cluster.Image.Features.GetValueOrDefault(FeatureNames.Group) >= 1
        && cluster.BrokerValues().List("group.coordinator.rebalance.protocols").Contains(Name);
}
