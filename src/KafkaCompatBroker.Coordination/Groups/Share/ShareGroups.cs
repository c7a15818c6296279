using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.ShareGroupDescribeResponse;

namespace KafkaCompatBroker.Coordination.Groups.Share;

/// <summary>What operators ask of the share groups of a shard.</summary>
internal sealed class ShareGroups(GroupTable table)
{
    /// <summary>The only assignor of share groups (KIP-932).</summary>
    private const string AssignorName = "simple";

    /// <summary>Describes one group; GROUP_ID_NOT_FOUND when there is none of that name, or one of another kind.</summary>
    public void Describe(ShardStep step, string groupId, Reply<DescribedGroup> reply) => step.Answer(reply, Find(groupId) is not { } group
        ? new DescribedGroup
        {
            GroupId = groupId,
            ErrorCode = ErrorCode.GroupIdNotFound,
            ErrorMessage = table.TryFind(groupId, out _) ? $"Group {groupId} is not a share group." : $"Group {groupId} not found.",
        }
        : new DescribedGroup
        {
            GroupId = groupId,
            GroupState = group.StateName,
            GroupEpoch = group.Epoch,
            AssignmentEpoch = group.TargetEpoch,
            AssignorName = AssignorName,
            Members = [.. group.Members.Select(member => Of(member, table.Image))],
        });

    /// <summary>Tells the partitions of a group that have state.</summary>
    public void Partitions(ShardStep step, string groupId, Reply<SharePartitions> reply) =>
        step.Answer(reply, Find(groupId)?.Initialized() ?? SharePartitions.Refused(ErrorCode.GroupIdNotFound));

    /// <summary>Prepares the deletion of a group without members, and tells the partitions whose state has to go first. A group of another kind has none.</summary>
    public void BeginDeletion(ShardStep step, string groupId, Reply<SharePartitions> reply) =>
        step.Answer(reply, Find(groupId)?.BeginDeletion(step) ?? new SharePartitions(ErrorCode.None, []));

    private static Member Of(ShareMember member, MetadataImage image) => new()
    {
        MemberId = member.MemberId,
        RackId = member.RackId,
        MemberEpoch = member.Epoch,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        SubscribedTopicNames = member.TopicNames,
        Assignment = new AssignmentData
        {
            TopicPartitions =
            [
                .. member.Assigned.Topics.Where(topic => image.Topic(topic.Topic) is not null).Select(topic => new TopicPartitionsData
                {
                    TopicId = topic.Topic,
                    TopicName = image.Topic(topic.Topic)!.Name,
                    Partitions = topic.Partitions,
                }),
            ],
        },
    };

    private ShareGroup? Find(string groupId) => table.TryFind(groupId, out Group? group) ? group as ShareGroup : null;
}
