using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>What ConsumerGroupDescribe shows.</summary>
internal static class ConsumerGroupDescription
{
    private const sbyte ClassicMemberType = 0, ConsumerMemberType = 1;

    /// <returns>GROUP_ID_NOT_FOUND when there is no group of that name, or one of another kind.</returns>
    public static ConsumerGroupDescribeResponse.DescribedGroup Of(ConsumerGroupContext context, string groupId)
    {
        if (context.Find(groupId) is not { } group)
            return new() { GroupId = groupId, ErrorCode = ErrorCode.GroupIdNotFound, ErrorMessage = $"Group {groupId} not found." };
        return new()
        {
            GroupId = groupId,
            GroupState = group.StateName,
            GroupEpoch = group.Epoch,
            AssignmentEpoch = group.TargetEpoch,
            AssignorName = group.PreferredAssignor() ?? context.DefaultAssignor,
            Members = [.. group.Members.Values.OrderByDescending(static member => member.MemberId, StringComparer.Ordinal).Select(member => Of(group, member, context.Table.Image))],
        };
    }

    private static ConsumerGroupDescribeResponse.Member Of(ConsumerGroup group, ConsumerMember member, MetadataImage image) => new()
    {
        MemberId = member.MemberId,
        InstanceId = member.InstanceId,
        RackId = member.RackId,
        MemberEpoch = member.Epoch,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        SubscribedTopicNames = member.TopicNames,
        SubscribedTopicRegex = member.TopicRegex,
        Assignment = Of(Read(member), image),
        TargetAssignment = Of(group.TargetOf(member.MemberId), image),
        MemberType = member.IsClassic ? ClassicMemberType : ConsumerMemberType,
    };

    private static PartitionsByTopic Read(ConsumerMember member)
    {
        IEnumerable<AssignedPartition> partitions = member.PendingRevocation.IsEmpty ? member.Assigned.All : member.Assigned.All.Concat(member.PendingRevocation.All);
        return PartitionsByTopic.Of(partitions.Select(static partition => (partition.Topic, partition.Partition)));
    }

    private static ConsumerGroupDescribeResponse.AssignmentData Of(PartitionsByTopic partitions, MetadataImage image) => new()
    {
        TopicPartitions =
        [
            .. partitions.Topics.Where(topic => image.Topic(topic.Topic) is not null).Select(topic => new ConsumerGroupDescribeResponse.TopicPartitionsData
            {
                TopicId = topic.Topic,
                TopicName = image.Topic(topic.Topic)!.Name,
                Partitions = topic.Partitions,
            }),
        ],
    };
}
