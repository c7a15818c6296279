using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Tests.Groups.Classic;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Simulation.Groups;

namespace KafkaCompatBroker.Coordination.Tests.Groups;

/// <summary>Clients that make up group ids: nothing is kept for those who ask, and what is kept for those who join goes when they do not come back.</summary>
public sealed class FloodTests
{
    private const int Groups = 2_000;

    private readonly GroupRun _run = new(new GroupSettings { InitialRebalanceDelayMs = 0, OffsetMetadataMaxBytes = 100 });

    [Fact]
    public void Nothing_is_kept_of_groups_that_are_only_asked_for()
    {
        for (int i = 0; i < Groups; i++)
        {
            string groupId = $"made-up-{i}";
            Assert.Equal(ErrorCode.UnknownMemberId, _run.Heartbeat(groupId, "m", 1));
            Assert.Equal(ErrorCode.UnknownMemberId, _run.Sync(new SyncGroupRequest { GroupId = groupId, MemberId = "m", ProtocolType = "test", ProtocolName = "range" }).Answer.ErrorCode);
            Assert.Equal(ErrorCode.UnknownMemberId, Join(groupId, "m").ErrorCode);
            _run.Leave(groupId, new LeaveGroupRequest.MemberIdentity { MemberId = "m" });
            Assert.Empty(_run.Fetch(groupId).Topics);
            Assert.Equal("Dead", _run.Describe(groupId).GroupState);
            Assert.Equal(ErrorCode.GroupIdNotFound, _run.Delete(groupId));
            Assert.Equal(ErrorCode.GroupIdNotFound, Commit(groupId, "", generation: 1));
            Assert.Equal(ErrorCode.OffsetMetadataTooLarge, Commit(groupId, new string('x', 101), generation: -1));
        }

        Assert.Empty(_run.List());
        Assert.Empty(_run.Log);
    }

    [Fact]
    public void Groups_whose_members_never_come_are_gone_after_a_while()
    {
        for (int i = 0; i < Groups; i++) Assert.Equal(ErrorCode.MemberIdRequired, Join($"joined-{i}", "").ErrorCode);
        Assert.Equal(Groups, _run.List().Length);

        _run.Advance(_run.Settings.OffsetsRetentionCheckIntervalMs + 60_000);
        Assert.Empty(_run.List());
        HashSet<string> left = [];
        foreach (GroupRun.Entry entry in _run.Log)
        {
            string key = Convert.ToHexString(entry.Key);
            if (entry.Value is null) left.Remove(key);
            else left.Add(key);
        }

        Assert.Empty(left);
        _run.Reload();
        Assert.Empty(_run.List());
    }

    private JoinGroupResponse Join(string groupId, string memberId)
    {
        JoinGroupRequest request = ClassicFixture.Request(memberId);
        request.GroupId = groupId;
        return _run.Join(request).Answer;
    }

    private ErrorCode Commit(string groupId, string metadata, int generation) => _run.Commit(new OffsetCommitRequest
    {
        GroupId = groupId,
        MemberId = generation < 0 ? "" : "m",
        GenerationIdOrMemberEpoch = generation,
        Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = 1, CommittedMetadata = metadata }] }],
    }).Answer.Topics[0].Partitions[0].ErrorCode;
}
