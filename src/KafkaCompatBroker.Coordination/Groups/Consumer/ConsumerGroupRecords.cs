using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>The records of consumer groups. All values have only version 0.</summary>
internal static class ConsumerGroupRecords
{
    public static CoordinatorRecord Epoch(string groupId, int epoch, long metadataHash) => new(
        new ConsumerGroupMetadataKey { GroupId = groupId }, new ConsumerGroupMetadataValue { Epoch = epoch, MetadataHash = metadataHash });

    public static CoordinatorRecord EpochTombstone(string groupId) => CoordinatorRecord.Tombstone(new ConsumerGroupMetadataKey { GroupId = groupId });

    /// <summary>Kafka 3.7 to 4.0 kept the partition counts of topics in this record; later versions only delete it.</summary>
    public static CoordinatorRecord PartitionMetadataTombstone(string groupId) => CoordinatorRecord.Tombstone(new ConsumerGroupPartitionMetadataKey { GroupId = groupId });

    public static CoordinatorRecord Member(string groupId, ConsumerMember member) => new(
        new ConsumerGroupMemberMetadataKey { GroupId = groupId, MemberId = member.MemberId },
        new ConsumerGroupMemberMetadataValue
        {
            InstanceId = member.InstanceId,
            RackId = member.RackId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            SubscribedTopicNames = member.TopicNames,
            SubscribedTopicRegex = member.TopicRegex,
            RebalanceTimeoutMs = member.RebalanceTimeoutMs,
            ServerAssignor = member.Assignor,
            ClassicMemberMetadata = member.Classic is null ? null : new ConsumerGroupMemberMetadataValue.ClassicMemberMetadataData
            {
                SessionTimeoutMs = member.Classic.SessionTimeoutMs,
                SupportedProtocols = [.. member.Classic.Protocols.Select(static offer => new ConsumerGroupMemberMetadataValue.ClassicProtocol { Name = offer.Name, Metadata = offer.Metadata })],
            },
        });

    public static CoordinatorRecord MemberTombstone(string groupId, string memberId) =>
        CoordinatorRecord.Tombstone(new ConsumerGroupMemberMetadataKey { GroupId = groupId, MemberId = memberId });

    /// <param name="timestampMs">Wall-clock time at which the target was computed; 0 lets the next one be computed at once.</param>
    public static CoordinatorRecord TargetEpoch(string groupId, int epoch, long timestampMs) => new(
        new ConsumerGroupTargetAssignmentMetadataKey { GroupId = groupId },
        new ConsumerGroupTargetAssignmentMetadataValue { AssignmentEpoch = epoch, AssignmentTimestamp = timestampMs });

    public static CoordinatorRecord TargetEpochTombstone(string groupId) => CoordinatorRecord.Tombstone(new ConsumerGroupTargetAssignmentMetadataKey { GroupId = groupId });

    public static CoordinatorRecord Target(string groupId, string memberId, PartitionsByTopic target) => new(
        new ConsumerGroupTargetAssignmentMemberKey { GroupId = groupId, MemberId = memberId },
        new ConsumerGroupTargetAssignmentMemberValue
        {
            TopicPartitions = [.. target.Topics.Select(static topic => new ConsumerGroupTargetAssignmentMemberValue.TopicPartition { TopicId = topic.Topic, Partitions = topic.Partitions })],
        });

    public static CoordinatorRecord TargetTombstone(string groupId, string memberId) =>
        CoordinatorRecord.Tombstone(new ConsumerGroupTargetAssignmentMemberKey { GroupId = groupId, MemberId = memberId });

    public static CoordinatorRecord Assignment(string groupId, ConsumerMember member) => new(
        new ConsumerGroupCurrentMemberAssignmentKey { GroupId = groupId, MemberId = member.MemberId },
        new ConsumerGroupCurrentMemberAssignmentValue
        {
            MemberEpoch = member.Epoch,
            PreviousMemberEpoch = member.PreviousEpoch,
            State = (sbyte)member.State,
            AssignedPartitions = Partitions(member.Assigned),
            PartitionsPendingRevocation = Partitions(member.PendingRevocation),
        });

    public static CoordinatorRecord AssignmentTombstone(string groupId, string memberId) =>
        CoordinatorRecord.Tombstone(new ConsumerGroupCurrentMemberAssignmentKey { GroupId = groupId, MemberId = memberId });

    public static CoordinatorRecord Regex(string groupId, string regex, ResolvedRegex resolved) => new(
        new ConsumerGroupRegularExpressionKey { GroupId = groupId, RegularExpression = regex },
        new ConsumerGroupRegularExpressionValue
        {
            Topics = [.. resolved.Topics.Order(StringComparer.Ordinal)],
            Version = resolved.Version,
            Timestamp = resolved.TimestampMs,
        });

    public static CoordinatorRecord RegexTombstone(string groupId, string regex) =>
        CoordinatorRecord.Tombstone(new ConsumerGroupRegularExpressionKey { GroupId = groupId, RegularExpression = regex });

    /// <summary>Removes a member: its partitions are free first, and the member goes last.</summary>
    public static IEnumerable<CoordinatorRecord> MemberTombstones(string groupId, string memberId) =>
        [AssignmentTombstone(groupId, memberId), TargetTombstone(groupId, memberId), MemberTombstone(groupId, memberId)];

    private static ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions[] Partitions(OwnedPartitions partitions) =>
    [
        .. partitions.ByTopic().Select(static topic => new ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions
        {
            TopicId = topic.Topic,
            Partitions = [.. topic.Partitions.Select(static partition => partition.Partition)],
            AssignmentEpochs = [.. topic.Partitions.Select(static partition => partition.Epoch)],
        }),
    ];
}
