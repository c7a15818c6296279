using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Simulation.Groups;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Classic;

public sealed class ClassicGroupTests
{
    private readonly ClassicFixture _group = new(new GroupSettings { InitialRebalanceDelayMs = 3_000, MaxSize = 3 });

    private GroupRun Run => _group.Run;

    [Fact]
    public void A_new_member_gets_an_id_first_and_leads_alone_after_the_initial_delay()
    {
        GroupReply<JoinGroupResponse> first = _group.Join("");
        Assert.Equal(ErrorCode.MemberIdRequired, first.Answer.ErrorCode);
        Assert.StartsWith("client-00000000-0000-abcd-", first.Answer.MemberId, StringComparison.Ordinal);

        GroupReply<JoinGroupResponse> second = _group.Join(first.Answer.MemberId);
        Run.Advance(2_999);
        Assert.False(second.IsAnswered);
        Run.Advance(1);
        Assert.Equal((first.Answer.MemberId, 1, "range"), (second.Answer.Leader, second.Answer.GenerationId, second.Answer.ProtocolName));
        Assert.Equal("range", ClassicFixture.Text(Assert.Single(second.Answer.Members).Metadata));
        Assert.Equal("CompletingRebalance", Run.Describe("g").GroupState);

        GroupReply<SyncGroupResponse> sync = _group.Sync(second.Answer);
        Assert.Equal(first.Answer.MemberId, ClassicFixture.Text(sync.Answer.Assignment));
        Assert.Equal("Stable", Run.Describe("g").GroupState);
    }

    [Fact]
    public void Somebody_new_extends_the_initial_delay_within_the_rebalance_timeout()
    {
        GroupReply<JoinGroupResponse> first = _group.JoinNew().Reply;
        for (int i = 0; i < 2; i++)
        {
            Run.Advance(2_000);
            _group.JoinNew();
            Run.Advance(1_000);
            Assert.False(first.IsAnswered);
        }

        Run.Advance(3_000);
        Assert.Equal(3, first.Answer.Members.Length);
    }

    [Fact]
    public void Versions_before_four_join_at_once_and_know_no_null_protocol()
    {
        GroupReply<JoinGroupResponse> reply = Run.Join(ClassicFixture.Request(""), version: 3);
        Run.Advance(3_000);
        Assert.Equal(1, reply.Answer.GenerationId);
        JoinGroupRequest bad = ClassicFixture.Request("");
        bad.Protocols = [];
        Assert.Equal((ErrorCode.InconsistentGroupProtocol, ""), Refusal(Run.Join(bad, version: 3).Answer));
        Assert.Equal((ErrorCode.InconsistentGroupProtocol, null), Refusal(Run.Join(bad, version: 7).Answer));
    }

    [Fact]
    public void The_protocol_with_most_votes_that_all_know_wins()
    {
        _group.JoinNew("a", "b", "c");
        _group.JoinNew("b", "a");
        (_, GroupReply<JoinGroupResponse> third) = _group.JoinNew("c", "b", "a");
        Run.Advance(9_000);
        Assert.Equal("b", third.Answer.ProtocolName);
    }

    [Fact]
    public void Protocols_that_the_group_does_not_know_are_refused()
    {
        _group.JoinNew("a");
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, _group.Join("", null, "b").Answer.ErrorCode);
        JoinGroupRequest other = ClassicFixture.Request("", null, "a");
        other.ProtocolType = "connect";
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, Run.Join(other).Answer.ErrorCode);
    }

    [Fact]
    public void A_group_that_is_full_lets_nobody_in()
    {
        _group.Stable(3);
        Assert.Equal((ErrorCode.GroupMaxSizeReached, ""), (_group.Join("").Answer.ErrorCode, _group.Join("").Answer.MemberId));
    }

    [Fact]
    public void Session_timeouts_have_bounds()
    {
        foreach (int timeoutMs in new[] { -1, 5_999, 1_800_001 })
        {
            JoinGroupRequest request = ClassicFixture.Request("");
            request.SessionTimeoutMs = timeoutMs;
            Assert.Equal(ErrorCode.InvalidSessionTimeout, Run.Join(request).Answer.ErrorCode);
        }
    }

    [Fact]
    public void Another_member_makes_the_others_join_again_and_who_does_not_is_removed()
    {
        JoinGroupResponse[] old = _group.Stable(2);
        (string third, GroupReply<JoinGroupResponse> reply) = _group.JoinNew();
        Assert.Equal(ErrorCode.RebalanceInProgress, Run.Heartbeat("g", old[0].MemberId, old[0].GenerationId));
        GroupReply<JoinGroupResponse> again = _group.Join(old[0].MemberId);
        for (int i = 0; i < 4; i++)
        {
            Assert.False(again.IsAnswered);
            Run.Heartbeat("g", old[1].MemberId, old[1].GenerationId);
            Run.Advance(5_000);
        }

        Assert.Equal([old[0].MemberId, third], again.Answer.Members.Select(member => member.MemberId));
        Assert.True(reply.IsAnswered);
        Assert.Equal(ErrorCode.UnknownMemberId, Run.Heartbeat("g", old[1].MemberId, again.Answer.GenerationId));
    }

    [Fact]
    public void A_leader_that_joins_again_starts_a_rebalance_a_follower_without_news_does_not()
    {
        JoinGroupResponse[] members = _group.Stable(2);
        GroupReply<JoinGroupResponse> follower = _group.Join(members[1].MemberId);
        Assert.Equal((members[1].GenerationId, 0), (follower.Answer.GenerationId, follower.Answer.Members.Length));
        Assert.False(_group.Join(members[0].MemberId).IsAnswered);
        Assert.Equal("PreparingRebalance", Run.Describe("g").GroupState);
    }

    [Fact]
    public void Followers_wait_for_the_assignment_and_a_rebalance_ends_their_wait()
    {
        JoinGroupResponse[] members = _group.Stable(2);
        GroupReply<JoinGroupResponse> leader = _group.Join(members[0].MemberId);
        GroupReply<JoinGroupResponse> follower = _group.Join(members[1].MemberId);
        GroupReply<SyncGroupResponse> sync = _group.Sync(follower.Answer);
        Assert.False(sync.IsAnswered);
        _group.JoinNew();
        Assert.Equal(ErrorCode.RebalanceInProgress, sync.Answer.ErrorCode);
        Assert.Equal(ErrorCode.RebalanceInProgress, _group.Sync(leader.Answer).Answer.ErrorCode);
    }

    [Fact]
    public void Who_does_not_sync_in_time_is_removed()
    {
        JoinGroupResponse[] members = _group.Stable(2);
        GroupReply<JoinGroupResponse> leader = _group.Join(members[0].MemberId);
        GroupReply<JoinGroupResponse> follower = _group.Join(members[1].MemberId);
        _group.Sync(leader.Answer);
        for (int i = 0; i < 4; i++)
        {
            Run.Heartbeat("g", members[0].MemberId, leader.Answer.GenerationId);
            Run.Heartbeat("g", members[1].MemberId, follower.Answer.GenerationId);
            Run.Advance(5_000);
        }

        Assert.Equal([members[0].MemberId], Run.Describe("g").Members.Select(member => member.MemberId));
        Assert.Equal("PreparingRebalance", Run.Describe("g").GroupState);
    }

    [Fact]
    public void A_silent_member_is_removed_after_its_session_and_a_heartbeat_renews_it()
    {
        JoinGroupResponse[] members = _group.Stable(2);
        Run.Advance(9_000);
        Assert.Equal(ErrorCode.None, Run.Heartbeat("g", members[0].MemberId, members[0].GenerationId));
        Run.Advance(1_000);
        Assert.Equal(ErrorCode.RebalanceInProgress, Run.Heartbeat("g", members[0].MemberId, members[0].GenerationId));
        Assert.Equal(ErrorCode.UnknownMemberId, Run.Heartbeat("g", members[1].MemberId, members[1].GenerationId));
    }

    [Fact]
    public void A_commit_renews_the_session_too()
    {
        JoinGroupResponse member = _group.Stable(1)[0];
        Run.Advance(9_000);
        Run.Commit(new OffsetCommitRequest { GroupId = "g", MemberId = member.MemberId, GenerationIdOrMemberEpoch = member.GenerationId });
        Run.Advance(9_000);
        Assert.Equal(ErrorCode.None, Run.Heartbeat("g", member.MemberId, member.GenerationId));
    }

    [Fact]
    public void When_the_last_member_leaves_the_group_is_empty_in_the_next_generation()
    {
        JoinGroupResponse member = _group.Stable(1)[0];
        LeaveGroupResponse left = Run.Leave("g", new() { MemberId = member.MemberId }, new() { MemberId = "who" });
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownMemberId], left.Members.Select(answer => answer.ErrorCode));
        GroupMetadataValue last = Assert.IsType<GroupMetadataValue>(Run.Log[^1].Record.Value);
        Assert.Equal((2, "test", null, null, 0), (last.Generation, last.ProtocolType, last.Protocol, last.Leader, last.Members.Length));
        Assert.Equal("Empty", Run.Describe("g").GroupState);
    }

    [Fact]
    public void A_member_id_that_nobody_comes_back_with_is_forgotten_and_lets_the_others_go_on()
    {
        JoinGroupResponse member = _group.Stable(1)[0];
        string ghost = _group.Join("").Answer.MemberId;
        GroupReply<JoinGroupResponse> again = _group.Join(member.MemberId);
        Assert.False(again.IsAnswered);
        Assert.Equal(ErrorCode.UnknownMemberId, Run.Heartbeat("g", ghost, member.GenerationId));
        Run.Advance(10_000);
        Assert.Equal(member.GenerationId + 1, again.Answer.GenerationId);
    }

    [Fact]
    public void After_a_reload_members_have_their_whole_session_and_their_assignment()
    {
        JoinGroupResponse[] members = _group.Stable(2);
        Run.Advance(9_000);
        Run.Reload();
        Run.Advance(9_000);
        Assert.All(members, member => Assert.Equal(ErrorCode.None, Run.Heartbeat("g", member.MemberId, member.GenerationId)));
        Assert.Equal(members[1].MemberId, ClassicFixture.Text(_group.Sync(members[1]).Answer.Assignment));
    }

    [Fact]
    public void Whoever_waits_is_told_when_the_coordinator_moves()
    {
        GroupReply<JoinGroupResponse> join = _group.JoinNew().Reply;
        Run.Reload();
        Assert.Equal(ErrorCode.NotCoordinator, join.Answer.ErrorCode);
    }

    [Fact]
    public void An_assignment_that_is_not_written_is_not_given_and_may_be_sent_again()
    {
        GroupReply<JoinGroupResponse> join = _group.JoinNew().Reply;
        Run.Advance(3_000);
        Run.FailsToAppend = true;
        Assert.True(_group.Sync(join.Answer).IsLost);
        Run.FailsToAppend = false;
        Assert.Equal("CompletingRebalance", Run.Describe("g").GroupState);
        Assert.Equal(ErrorCode.None, _group.Sync(join.Answer).Answer.ErrorCode);
        Assert.Equal("Stable", Run.Describe("g").GroupState);
    }

    private static (ErrorCode Error, string? ProtocolName) Refusal(JoinGroupResponse answer) => (answer.ErrorCode, answer.ProtocolName);
}
