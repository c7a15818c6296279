using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Offsets;

/// <summary>Offsets as records of the log.</summary>
internal static class OffsetRecords
{
    private const short ValueVersion = 4;

    /// <summary>The only version that has a time of expiry.</summary>
    private const short ValueVersionWithExpiry = 1;

    public static CoordinatorRecord Commit(string groupId, TopicPartition partition, OffsetCommitValue value) =>
        new(Key(groupId, partition), value, value.ExpireTimestamp >= 0 ? ValueVersionWithExpiry : ValueVersion);

    public static CoordinatorRecord Tombstone(string groupId, TopicPartition partition) => CoordinatorRecord.Tombstone(Key(groupId, partition));

    private static OffsetCommitKey Key(string groupId, TopicPartition partition) => new() { Group = groupId, Topic = partition.Topic, Partition = partition.Partition };
}
