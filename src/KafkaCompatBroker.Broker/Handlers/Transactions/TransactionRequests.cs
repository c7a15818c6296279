using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>What requests of transactional producers have in common.</summary>
internal static class TransactionRequests
{
    /// <summary>INVALID_PRODUCER_EPOCH in the place of PRODUCER_FENCED for versions that do not know it (KIP-588).</summary>
    public static ErrorCode Fencing(ErrorCode error, bool knowsFenced) =>
        error == ErrorCode.ProducerFenced && !knowsFenced ? ErrorCode.InvalidProducerEpoch : error;

    /// <summary>The partition of the offsets topic that a group belongs to.</summary>
    /// <param name="image">Tells how many there are.</param>
    /// <param name="configuredCount">How many there will be while the topic does not exist.</param>
    /// <param name="groupId">The group.</param>
    public static TopicPartition OffsetsPartition(MetadataImage image, int configuredCount, string groupId) => new(
        TopicName.GroupMetadata,
        JavaHash.CoordinatorPartition(groupId, image.Topic(TopicName.GroupMetadata)?.Partitions.Length ?? configuredCount));
}
