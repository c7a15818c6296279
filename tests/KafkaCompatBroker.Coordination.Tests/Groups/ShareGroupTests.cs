using KafkaCompatBroker.Coordination.Groups.Share;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Simulation.Groups;

namespace KafkaCompatBroker.Coordination.Tests.Groups;

/// <summary>Share groups as another broker left them in the log.</summary>
public sealed class ShareGroupTests
{
    private static readonly Uuid Topic = new(1, 2);

    private readonly GroupRun _run = new();

    [Fact]
    public void A_group_of_the_log_is_listed_and_described()
    {
        Write("g", withMember: true);
        ListGroupsResponse.ListedGroup listed = Assert.Single(_run.List());
        Assert.Equal(("share", "share", "Stable"), (listed.GroupType, listed.ProtocolType, listed.GroupState));
        ShareGroupDescribeResponse.DescribedGroup described = Describe("g");
        Assert.Equal((4, 3, "simple"), (described.GroupEpoch, described.AssignmentEpoch, described.AssignorName));
        ShareGroupDescribeResponse.Member member = Assert.Single(described.Members);
        Assert.Equal(("m", 3, "client"), (member.MemberId, member.MemberEpoch, member.ClientId));
    }

    [Fact]
    public void Members_are_gone_when_their_session_is_over()
    {
        Write("g", withMember: true);
        _run.Reload();
        _run.Advance(_run.Settings.ShareSessionTimeoutMs - 1);
        Assert.Equal("Stable", Describe("g").GroupState);
        _run.Advance(1);
        Assert.Equal(("Empty", 5), (Describe("g").GroupState, Describe("g").GroupEpoch));
        _run.Reload();
        Assert.Equal(("Empty", 5), (Describe("g").GroupState, Describe("g").GroupEpoch));
    }

    [Fact]
    public void Groups_of_other_kinds_are_not_found()
    {
        Assert.Equal((ErrorCode.GroupIdNotFound, "Group g not found."), (Describe("g").ErrorCode, Describe("g").ErrorMessage));
        _run.Commit(Committed("g"));
        Assert.Equal((ErrorCode.GroupIdNotFound, "Group g is not a share group."), (Describe("g").ErrorCode, Describe("g").ErrorMessage));
        Assert.Equal(ErrorCode.GroupIdNotFound, Partitions("g").Error);
        Assert.Equal(ErrorCode.None, BeginDeletion("g").Error);
    }

    [Fact]
    public void Consumers_cannot_commit_to_it()
    {
        Write("g", withMember: false);
        Assert.Equal(ErrorCode.GroupIdNotFound, _run.Commit(Committed("g")).Answer.Topics[0].Partitions[0].ErrorCode);
        Assert.Equal(ErrorCode.GroupIdNotFound, _run.Fetch("g").ErrorCode);
    }

    [Fact]
    public void A_group_with_members_is_not_deleted()
    {
        Write("g", withMember: true);
        Assert.Equal(ErrorCode.NonEmptyGroup, BeginDeletion("g").Error);
        Assert.Equal(ErrorCode.NonEmptyGroup, _run.Delete("g"));
    }

    [Fact]
    public void Deleting_tells_whose_state_goes_first_and_leaves_nothing()
    {
        Write("g", withMember: false);
        Assert.Equal([(Topic, 0), (Topic, 1)], Partitions("g").Partitions);
        Assert.Equal([(Topic, 0), (Topic, 1)], BeginDeletion("g").Partitions);
        Assert.Empty(Partitions("g").Partitions);
        _run.Reload();
        Assert.Equal(ErrorCode.None, _run.Delete("g"));
        Assert.Empty(_run.List());
        _run.Reload();
        Assert.Empty(_run.List());
    }

    [Fact]
    public void A_deletion_that_was_interrupted_is_begun_again()
    {
        Write("g", withMember: false);
        BeginDeletion("g");
        var changes = new MetadataDelta(MetadataImage.Empty);
        changes.Apply(new TopicRecord { Name = "t", TopicId = Topic });
        changes.Apply(new PartitionRecord { TopicId = Topic, PartitionId = 0, Replicas = [1], Isr = [1], Leader = 1 });
        _run.Image = changes.ToImage(1, 1);
        _run.Reload();
        Assert.Equal([(Topic, 0)], BeginDeletion("g").Partitions);
    }

    [Fact]
    public void The_state_of_a_deleted_topic_is_forgotten()
    {
        Write("g", withMember: false);
        _run.DeleteTopic(new TopicImage("t", Topic, []));
        Assert.Empty(Partitions("g").Partitions);
        _run.Reload();
        Assert.Empty(Partitions("g").Partitions);
    }

    private static OffsetCommitRequest Committed(string groupId) => new()
    {
        GroupId = groupId,
        GenerationIdOrMemberEpoch = -1,
        Topics = [new() { Name = "t", Partitions = [new() { CommittedOffset = 1 }] }],
    };

    private ShareGroupDescribeResponse.DescribedGroup Describe(string groupId) =>
        _run.Ask<ShareGroupDescribeResponse.DescribedGroup>((step, reply) => _run.Shard.ShareGroupDescribe(step, groupId, reply)).Answer;

    private SharePartitions Partitions(string groupId) =>
        _run.Ask<SharePartitions>((step, reply) => _run.Shard.SharePartitions(step, groupId, reply)).Answer;

    private SharePartitions BeginDeletion(string groupId) =>
        _run.Ask<SharePartitions>((step, reply) => _run.Shard.BeginShareDeletion(step, groupId, reply)).Answer;

    private void Write(string groupId, bool withMember) => _run.Step(step =>
    {
        if (withMember)
        {
            step.Write(new(
                new ShareGroupMemberMetadataKey { GroupId = groupId, MemberId = "m" },
                new ShareGroupMemberMetadataValue { ClientId = "client", ClientHost = "/1.2.3.4", SubscribedTopicNames = ["t"] }));
            step.Write(new(
                new ShareGroupCurrentMemberAssignmentKey { GroupId = groupId, MemberId = "m" },
                new ShareGroupCurrentMemberAssignmentValue { MemberEpoch = 3, AssignedPartitions = [new() { TopicId = Topic, Partitions = [0, 1] }] }));
        }

        step.Write(new(new ShareGroupMetadataKey { GroupId = groupId }, new ShareGroupMetadataValue { Epoch = 4 }));
        step.Write(new(new ShareGroupTargetAssignmentMetadataKey { GroupId = groupId }, new ShareGroupTargetAssignmentMetadataValue { AssignmentEpoch = 3 }));
        step.Write(new(
            new ShareGroupStatePartitionMetadataKey { GroupId = groupId },
            new ShareGroupStatePartitionMetadataValue { InitializedTopics = [new() { TopicId = Topic, TopicName = "t", Partitions = [0, 1] }] }));
    });
}
