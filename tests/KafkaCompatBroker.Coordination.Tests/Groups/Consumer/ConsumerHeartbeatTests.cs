using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Simulation.Groups;
using static KafkaCompatBroker.Simulation.Groups.ConsumerRun;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Consumer;

public sealed class ConsumerHeartbeatTests
{
    private readonly ConsumerRun _run = new();
    private readonly Uuid _topic;

    public ConsumerHeartbeatTests() => _topic = _run.SetTopic("t", 2);

    [Fact]
    public void First_member_gets_everything_in_epoch_2()
    {
        Assert.Equal("2 1[0,1]", _run.Text(Join("m1", "t")));
        Assert.Equal("2 -", _run.Text(Beat("m1", 2, (_topic, [0, 1]))));
        Assert.Equal("Stable", _run.Describe().GroupState);
    }

    [Fact]
    public void Second_member_waits_until_the_first_has_given_up()
    {
        _run.Text(Join("m1", "t"));
        Assert.Equal("3 ", _run.Text(Join("m2", "t")));
        Assert.Equal("Reconciling", _run.Describe().GroupState);
        Assert.Equal("2 1[0]", _run.Text(Beat("m1", 2, (_topic, [0, 1]))));
        Assert.Equal("3 -", _run.Text(Beat("m2", 3)));
        Assert.Equal("3 -", _run.Text(Beat("m1", 2, (_topic, [0]))));
        Assert.Equal("3 1[1]", _run.Text(Beat("m2", 3)));
        Assert.Equal("Stable", _run.Describe().GroupState);
    }

    [Fact]
    public void Member_that_does_not_give_up_in_time_is_removed()
    {
        _run.Text(Join("m1", "t"));
        _run.Text(Join("m2", "t"));
        _run.Text(Beat("m1", 2, (_topic, [0, 1])));
        _run.Advance(29_000);
        Assert.Equal("2 -", _run.Text(Beat("m1", 2, (_topic, [0, 1]))));
        _run.Text(Beat("m2", 3));
        _run.Advance(2_000);
        Assert.Equal("UnknownMemberId", _run.Text(Beat("m1", 2, (_topic, [0, 1]))));
        Assert.Equal("4 1[0,1]", _run.Text(Beat("m2", 3)));
    }

    [Fact]
    public void Silent_member_is_removed_after_its_session()
    {
        _run.Text(Join("m1", "t"));
        _run.Advance(40_000);
        _run.Text(Beat("m1", 2));
        _run.Advance(44_999);
        Assert.Equal("Stable", _run.Describe().GroupState);
        _run.Advance(2);
        Assert.Equal("Empty", _run.Describe().GroupState);
    }

    [Fact]
    public void Members_that_are_silent_together_are_removed_together()
    {
        for (int i = 0; i < 20; i++) _run.Text(Join($"m{i:00}", "t"));
        int epoch = _run.Describe().GroupEpoch;
        _run.Advance(46_000);
        Assert.Equal($"Empty {epoch + 1} {epoch} uniform", _run.Dump());
        Assert.Equal(0, _run.MetadataHash());
        _run.Text(Join("m00", "t"));
        _run.Text(Join("m01", "t"));
        _run.Advance(1);
        _run.Text(Join("m02", "t"));
        _run.Advance(45_000);
        Assert.Equal("Empty", _run.Describe().GroupState);
    }

    [Fact]
    public void Session_goes_on_after_a_reload_and_after_a_failed_append()
    {
        _run.Text(Join("m1", "t"));
        _run.Advance(40_000);
        _run.Reload();
        _run.Advance(44_000);
        Assert.Equal("Stable", _run.Describe().GroupState);
        _run.FailsToAppend = true;
        _run.Advance(2_000);
        Assert.Equal("Stable", _run.Describe().GroupState);
        _run.FailsToAppend = false;
        _run.Advance(1_000);
        Assert.Equal("Empty", _run.Describe().GroupState);
    }

    [Fact]
    public void Epoch_must_be_that_of_the_member()
    {
        _run.Text(Join("m1", "t"));
        _run.Text(Join("m2", "t"));
        Assert.Equal("FencedMemberEpoch", _run.Text(Beat("m1", 3)));
        _run.Text(Beat("m1", 2, (_topic, [0, 1])));
        _run.Text(Beat("m1", 2, (_topic, [0])));

        // The answer with epoch 3 got lost: the epoch before counts while the member owns no more than it should.
        Assert.Equal("3 -", _run.Text(Beat("m1", 2, (_topic, [0]))));
        Assert.Equal("FencedMemberEpoch", _run.Text(Beat("m1", 2, (_topic, [0, 1]))));
        Assert.Equal("FencedMemberEpoch", _run.Text(Beat("m1", 1, (_topic, [0]))));
        Assert.Equal("3 1[0]", _run.Text(Join("m1", "t")));
    }

    [Fact]
    public void Requests_that_contradict_themselves_are_refused()
    {
        ConsumerGroupHeartbeatRequest With(Action<ConsumerGroupHeartbeatRequest> change)
        {
            ConsumerGroupHeartbeatRequest request = Join("m", "t");
            change(request);
            return request;
        }

        Assert.Equal("InvalidRequest", _run.Text(With(static request => request.GroupId = " ")));
        Assert.Equal("InvalidRequest", _run.Text(With(static request => request.MemberId = "")));
        Assert.Equal("InvalidRequest", _run.Text(With(static request => request.InstanceId = "")));
        Assert.Equal("InvalidRequest", _run.Text(With(static request => request.RackId = "")));
        Assert.Equal("InvalidRequest", _run.Text(With(static request => request.SubscribedTopicNames = null)));
        Assert.Equal("InvalidRequest", _run.Text(With(static request => request.RebalanceTimeoutMs = -1)));
        Assert.Equal("InvalidRequest", _run.Text(With(static request => request.TopicPartitions = null)));
        Assert.Equal("InvalidRequest", _run.Text(With(static request => request.MemberEpoch = -3)));
        Assert.Equal("InvalidRequest", _run.Text(With(static request => request.MemberEpoch = -2)));
        Assert.Equal("UnsupportedAssignor", _run.Text(With(static request => request.ServerAssignor = "nonsense")));
        Assert.Equal("InvalidRegularExpression", _run.Text(With(static request => request.SubscribedTopicRegex = "[")));
        Assert.Equal("GroupIdNotFound", _run.Text(Beat("m", 1)));
        Assert.Equal("GroupIdNotFound", _run.Text(Leave("m")));
        Assert.Equal("1 ", _run.Text(With(static request => request.SubscribedTopicNames = [])));
        Assert.Equal("UnknownMemberId", _run.Text(Beat("other", 1)));
        Assert.Equal("UnknownMemberId", _run.Text(Leave("other")));
    }

    [Fact]
    public void Old_version_gets_its_member_id_from_the_coordinator()
    {
        ConsumerGroupHeartbeatResponse response = _run.Send(Join("", "t"), version: 0);
        Assert.Equal(ErrorCode.None, response.ErrorCode);
        Assert.Equal(22, response.MemberId!.Length);
    }

    [Fact]
    public void Full_group_takes_no_more_members()
    {
        _run.Settings = _run.Settings with { ConsumerMaxSize = 1 };
        _run.Text(Join("m1", "t"));
        Assert.Equal("GroupMaxSizeReached", _run.Text(Join("m2", "t")));
        Assert.Equal("2 1[0,1]", _run.Text(Join("m1", "t")));
    }

    [Fact]
    public void Static_member_comes_back_under_another_id()
    {
        ConsumerGroupHeartbeatRequest JoinAs(string memberId)
        {
            ConsumerGroupHeartbeatRequest request = Join(memberId, "t");
            request.InstanceId = "i1";
            return request;
        }

        Assert.Equal("2 1[0,1]", _run.Text(JoinAs("m1")));
        Assert.Equal("UnreleasedInstanceId", _run.Text(JoinAs("m2")));
        Assert.Equal("-2 -", _run.Text(Leave("m1", "i1", -2)));
        Assert.Equal("Reconciling", _run.Describe().GroupState);
        _run.Reload();
        Assert.Equal("2 1[0,1]", _run.Text(JoinAs("m2")));
        ConsumerGroupHeartbeatRequest old = Beat("m1", 2);
        old.InstanceId = "i1";
        Assert.Equal("FencedInstanceId", _run.Text(old));
        Assert.Equal("-2 -", _run.Text(Leave("m2", "i1", -2)));
        Assert.Equal("2 1[0,1]", _run.Text(JoinAs("m2")));

        // The same id as before: its session counts from the new join.
        _run.Advance(44_000);
        Assert.Equal("Stable", _run.Describe().GroupState);
        _run.Advance(2_000);
        Assert.Equal("Empty", _run.Describe().GroupState);
        Assert.Equal("UnknownMemberId", _run.Text(Leave("m2", "i9", -2)));
    }

    [Fact]
    public void New_partitions_and_topics_are_assigned_with_the_next_heartbeat()
    {
        _run.Text(Join("m1", "t", "later"));
        _run.SetTopic("t", 3);
        Assert.Equal("3 1[0,1,2]", _run.Text(Beat("m1", 2, (_topic, [0, 1]))));
        Uuid later = _run.SetTopic("later", 1);
        Assert.Equal($"4 1[0,1,2] {later.Low}[0]", _run.Text(Beat("m1", 3, (_topic, [0, 1, 2]))));
        _run.DeleteTopic("t");
        Assert.Equal($"4 {later.Low}[0]", _run.Text(Beat("m1", 4, (_topic, [0, 1, 2]), (later, [0]))));
        Assert.Equal("5 -", _run.Text(Beat("m1", 4, (later, [0]))));
    }

    [Fact]
    public void Targets_are_computed_at_most_once_in_an_interval()
    {
        _run.Settings = _run.Settings with { ConsumerAssignmentIntervalMs = 1_000 };
        Assert.Equal("2 1[0,1]", _run.Text(Join("m1", "t")));
        Assert.Equal("2 ", _run.Text(Join("m2", "t")));
        Assert.Equal("Assigning", _run.Describe().GroupState);
        Assert.Equal("2 ", _run.Text(Join("m3", "t")));
        _run.Advance(1_000);
        Assert.Equal("2 1[0]", _run.Text(Beat("m1", 2, (_topic, [0, 1]))));
        Assert.Equal("4 -", _run.Text(Beat("m2", 2)));
        Assert.Equal(4, _run.Describe().AssignmentEpoch);
    }

    [Fact]
    public void Properties_of_the_group_count_before_those_of_the_broker()
    {
        _run.SetGroupConfig("consumer.heartbeat.interval.ms", "7000");
        Assert.Equal(7_000, _run.Send(Join("m1", "t")).HeartbeatIntervalMs);
        _run.SetGroupConfig("consumer.heartbeat.interval.ms", "99000");
        Assert.Equal(15_000, _run.Send(Beat("m1", 2)).HeartbeatIntervalMs);
        _run.SetGroupConfig("consumer.session.timeout.ms", "50000");
        Assert.Equal(5_000, _run.Send(Beat("m1", 2)).HeartbeatIntervalMs);
        _run.Advance(49_000);
        Assert.Equal("Stable", _run.Describe().GroupState);
        _run.Advance(2_000);
        Assert.Equal("Empty", _run.Describe().GroupState);
    }

    [Fact]
    public void Most_wanted_assignor_is_used()
    {
        ConsumerGroupHeartbeatRequest request = Join("m1", "t");
        request.ServerAssignor = "range";
        _run.Text(request);
        Assert.Equal("range", _run.Describe().AssignorName);
        ConsumerGroupHeartbeatRequest change = Beat("m1", 2, (_topic, [0, 1]));
        change.ServerAssignor = "uniform";
        Assert.Equal("3 -", _run.Text(change));
        Assert.Equal("uniform", _run.Describe().AssignorName);
    }

    [Fact]
    public void Group_whose_members_left_is_empty_can_be_deleted_and_starts_at_once_again()
    {
        _run.Settings = _run.Settings with { ConsumerAssignmentIntervalMs = 10_000 };
        _run.Text(Join("m1", "t"));
        Assert.Equal(ErrorCode.NonEmptyGroup, _run.Delete());
        Assert.Equal("-1 -", _run.Text(Leave("m1")));
        Assert.Equal("Empty 3 2 uniform", _run.Dump());
        Assert.Equal("4 1[0,1]", _run.Text(Join("m2", "t")));
        _run.Text(Leave("m2"));
        Assert.Equal(ErrorCode.None, _run.Delete());
        Assert.Equal("GroupIdNotFound", _run.Dump());
        _run.Reload();
        Assert.Equal("GroupIdNotFound", _run.Dump());
    }

    [Fact]
    public void Offsets_are_committed_in_the_epoch_of_the_partition()
    {
        _run.Text(Join("m1", "t"));
        Assert.Equal(ErrorCode.None, _run.Commit("m1", 2, "t", 0));
        Assert.Equal(ErrorCode.UnsupportedVersion, _run.Commit("m1", 2, "t", 0, version: 8));
        Assert.Equal(ErrorCode.StaleMemberEpoch, _run.Commit("m1", 3, "t", 0));
        Assert.Equal(ErrorCode.StaleMemberEpoch, _run.Commit("m1", 1, "t", 0));
        Assert.Equal(ErrorCode.UnknownMemberId, _run.Commit("m2", 2, "t", 0));
        _run.Text(Join("m2", "t"));
        _run.Text(Beat("m1", 2, (_topic, [0, 1])));
        _run.Text(Beat("m1", 2, (_topic, [0])));
        _run.Text(Beat("m2", 3));

        // Epoch 2 is over, but partition 0 is the member's since then.
        Assert.Equal(ErrorCode.None, _run.Commit("m1", 2, "t", 0));
        Assert.Equal(ErrorCode.StaleMemberEpoch, _run.Commit("m1", 2, "t", 1));
    }
}
