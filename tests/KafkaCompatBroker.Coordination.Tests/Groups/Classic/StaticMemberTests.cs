using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Simulation.Groups;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Classic;

public sealed class StaticMemberTests
{
    private readonly ClassicFixture _group = new();

    private GroupRun Run => _group.Run;

    [Fact]
    public void A_leader_that_starts_again_keeps_its_assignment_and_the_old_process_is_fenced()
    {
        JoinGroupResponse old = JoinAlone();
        GroupReply<JoinGroupResponse> again = _group.Join("", "i");
        Assert.Equal((old.GenerationId, true, again.Answer.MemberId), (again.Answer.GenerationId, again.Answer.SkipAssignment, again.Answer.Leader));
        Assert.NotEqual(old.MemberId, again.Answer.MemberId);
        Assert.Equal(ErrorCode.FencedInstanceId, Run.Heartbeat("g", old.MemberId, old.GenerationId, "i"));
        Assert.Equal(ErrorCode.None, Run.Heartbeat("g", again.Answer.MemberId, old.GenerationId, "i"));
        Run.Reload();
        Assert.Equal(again.Answer.MemberId, Assert.Single(Run.Describe("g").Members).MemberId);
        Assert.Equal(old.MemberId, ClassicFixture.Text(Run.Describe("g").Members[0].MemberAssignment));
    }

    [Fact]
    public void Before_version_nine_a_leader_that_starts_again_is_told_that_the_old_one_leads()
    {
        JoinGroupResponse old = JoinAlone();
        JoinGroupResponse again = Run.Join(ClassicFixture.Request("", "i"), version: 8).Answer;
        Assert.Equal((old.MemberId, false, 0), (again.Leader, again.SkipAssignment, again.Members.Length));
    }

    [Fact]
    public void A_replacement_that_is_not_written_changes_nothing()
    {
        JoinGroupResponse old = JoinAlone();
        Run.FailsToAppend = true;
        Assert.True(_group.Join("", "i").IsLost);
        Run.FailsToAppend = false;
        Assert.Equal(ErrorCode.None, Run.Heartbeat("g", old.MemberId, old.GenerationId, "i"));
        Run.Advance(9_000);
        Assert.Equal(ErrorCode.None, Run.Heartbeat("g", old.MemberId, old.GenerationId, "i"));
        Run.Advance(9_000);
        Assert.Equal("Stable", Run.Describe("g").GroupState);
    }

    [Fact]
    public void Another_protocol_of_the_successor_starts_a_rebalance()
    {
        GroupReply<JoinGroupResponse> first = _group.Join("", "i", "a", "b");
        Run.Advance(0);
        _group.Sync(first.Answer, "i");
        GroupReply<JoinGroupResponse> again = _group.Join("", "i", "b");
        Assert.Equal((first.Answer.GenerationId + 1, "b"), (again.Answer.GenerationId, again.Answer.ProtocolName));
    }

    [Fact]
    public void A_static_member_may_miss_a_rebalance_within_its_session()
    {
        JoinGroupResponse old = JoinAlone();
        (string dynamic, GroupReply<JoinGroupResponse> reply) = _group.JoinNew();
        Run.Advance(9_000);
        Assert.False(reply.IsAnswered);
        Assert.Equal(ErrorCode.RebalanceInProgress, Run.Heartbeat("g", old.MemberId, old.GenerationId, "i"));
        Run.Advance(9_000);
        Assert.Equal(ErrorCode.RebalanceInProgress, Run.Heartbeat("g", old.MemberId, old.GenerationId, "i"));
        Run.Advance(2_000);
        Assert.Equal(dynamic, reply.Answer.Leader);
        Assert.Equal([old.MemberId, dynamic], reply.Answer.Members.Select(member => member.MemberId));
    }

    [Fact]
    public void An_administrator_removes_static_members_by_their_instance()
    {
        JoinAlone();
        LeaveGroupResponse left = Run.Leave("g", new() { MemberId = "", GroupInstanceId = "i" }, new() { MemberId = "", GroupInstanceId = "other" });
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownMemberId], left.Members.Select(member => member.ErrorCode));
        Assert.Equal("Empty", Run.Describe("g").GroupState);
    }

    private JoinGroupResponse JoinAlone()
    {
        GroupReply<JoinGroupResponse> join = _group.Join("", "i");
        Run.Advance(0);
        Assert.Equal(ErrorCode.None, _group.Sync(join.Answer, "i").Answer.ErrorCode);
        return join.Answer;
    }
}
