using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Simulation.Groups;
using static KafkaCompatBroker.Simulation.Groups.ConsumerRun;
using static KafkaCompatBroker.Simulation.Groups.EmbeddedProtocol;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Consumer;

public sealed class MigrationTests
{
    private readonly ConsumerRun _run = new();
    private readonly Uuid _topic;

    public MigrationTests() => _topic = _run.SetTopic("t", 2);

    [Fact]
    public void Classic_member_joins_a_consumer_group()
    {
        _run.Text(Join("m1", "t"));
        JoinGroupResponse required = _run.Join(ClassicJoin("", "t"))!;
        Assert.Equal(ErrorCode.MemberIdRequired, required.ErrorCode);
        JoinGroupResponse joined = _run.Join(ClassicJoin(required.MemberId, "t"))!;
        Assert.Equal((ErrorCode.None, 3, "range", 0), (joined.ErrorCode, joined.GenerationId, joined.ProtocolName, joined.Members.Length));
        string member = joined.MemberId;
        Assert.Equal(ErrorCode.None, _run.Heartbeat(member, 3));
        Assert.Equal("", Assignment(_run.Sync(ClassicSync(member, 3))!));

        // The other gives up a partition: this one hears that there is something to fetch.
        _run.Text(Beat("m1", 2, (_topic, [0, 1])));
        Assert.Equal(ErrorCode.None, _run.Heartbeat(member, 3));
        _run.Text(Beat("m1", 2, (_topic, [_run.Describe().Members.Single(static other => other.MemberId == "m1").TargetAssignment.TopicPartitions[0].Partitions[0]])));
        Assert.Equal(ErrorCode.RebalanceInProgress, _run.Heartbeat(member, 3));
        Assert.Equal(3, _run.Join(ClassicJoin(member, "t"))!.GenerationId);
        Assert.Matches(@"t\[[01]\]", Assignment(_run.Sync(ClassicSync(member, 3))!));
        Assert.Equal("Stable", _run.Describe().GroupState);
        string dump = _run.Dump();
        _run.Reload();
        Assert.Equal(dump, _run.Dump());
        Assert.Equal(ErrorCode.IllegalGeneration, _run.Heartbeat(member, 2));
        Assert.Equal(ErrorCode.UnknownMemberId, _run.Heartbeat("m1", 3));
    }

    [Fact]
    public void Classic_member_that_does_not_join_again_or_sync_is_removed()
    {
        _run.Text(Join("m1", "t"));
        string member = JoinClassic("t");
        _run.Text(Beat("m1", 2, (_topic, [0, 1])));
        _run.Text(Beat("m1", 2, (_topic, [0])));
        for (int i = 0; i < 6; i++)
        {
            _run.Advance(5_000);
            _run.Text(Beat("m1", 3));
            if (i < 3) Assert.Equal(ErrorCode.RebalanceInProgress, _run.Heartbeat(member, 3));
        }

        Assert.Equal("m1", _run.Describe().Members.Single().MemberId);
        Assert.Equal(ErrorCode.UnknownMemberId, _run.Heartbeat(member, 3));
    }

    [Fact]
    public void Group_becomes_classic_when_the_last_consumer_leaves()
    {
        _run.Text(Join("m1", "t"));
        string member = JoinClassic("t");
        Assert.Equal("-1 -", _run.Text(Leave("m1")));
        ConsumerGroupDescribeResponse.DescribedGroup gone = _run.Describe();
        // Tools print the text as it comes.
        Assert.Equal((ErrorCode.GroupIdNotFound, $"Group {gone.GroupId} not found."), (gone.ErrorCode, gone.ErrorMessage));
        DescribeGroupsResponse.DescribedGroup group = _run.DescribeClassic();
        Assert.Equal(("PreparingRebalance", "consumer", member), (group.GroupState, group.ProtocolType, group.Members.Single().MemberId));
        Assert.Equal(ErrorCode.RebalanceInProgress, _run.Heartbeat(member, 3));
        JoinGroupResponse joined = _run.Join(ClassicJoin(member, "t"))!;
        Assert.Equal((ErrorCode.None, 4, member), (joined.ErrorCode, joined.GenerationId, joined.Leader));
        _run.Reload();
        Assert.Equal("Stable", _run.DescribeClassic().GroupState);
        _run.Advance(11_000);
        Assert.Equal("Empty", _run.DescribeClassic().GroupState);
    }

    [Fact]
    public void Members_of_a_group_that_became_classic_still_offer_every_protocol_they_know()
    {
        _run.Text(Join("m1", "t"));
        JoinGroupRequest both = ClassicJoin("", "t");
        both.Protocols = [both.Protocols[0], new() { Name = "roundrobin", Metadata = both.Protocols[0].Metadata }];
        both.MemberId = _run.Join(both)!.MemberId;
        Assert.Equal(ErrorCode.None, _run.Join(both)!.ErrorCode);
        _run.Text(Leave("m1"));

        JoinGroupRequest other = ClassicJoin("", "t");
        other.Protocols = [both.Protocols[1]];
        Assert.Equal(ErrorCode.MemberIdRequired, _run.Join(other)!.ErrorCode);
        other.Protocols = [new() { Name = "unknown", Metadata = both.Protocols[0].Metadata }];
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, _run.Join(other)!.ErrorCode);
    }

    [Fact]
    public void Group_becomes_classic_when_the_last_consumer_is_silent()
    {
        _run.Text(Join("m1", "t"));
        string member = JoinClassic("t");
        _run.Sync(ClassicSync(member, 3));
        for (int i = 0; i < 8; i++)
        {
            _run.Advance(6_000);
            _run.Heartbeat(member, 3);
        }

        Assert.Equal("PreparingRebalance", _run.DescribeClassic().GroupState);
    }

    [Fact]
    public void Consumer_turns_a_classic_group_into_a_consumer_group()
    {
        string member = JoinClassic("t");
        _run.Sync(ClassicSync(member, 1, ("t", [0, 1])));
        Assert.Equal("Stable", _run.DescribeClassic().GroupState);

        Assert.Equal("2 ", _run.Text(Join("m1", "t")));
        Assert.Equal(ErrorCode.GroupIdNotFound, _run.DescribeClassic().ErrorCode);
        Assert.Equal([(member, (sbyte)0), ("m1", (sbyte)1)], _run.Describe().Members.Select(static each => (each.MemberId, each.MemberType)).OrderBy(static each => each.Item2));
        string dump = _run.Dump();
        _run.Reload();
        Assert.Equal(dump, _run.Dump());

        Assert.Equal(ErrorCode.RebalanceInProgress, _run.Heartbeat(member, 1));
        Assert.Equal(1, _run.Join(ClassicJoin(member, "t", ("t", [0, 1])))!.GenerationId);
        Assert.Equal("t[0]", Assignment(_run.Sync(ClassicSync(member, 1))!));
        Assert.Equal(2, _run.Join(ClassicJoin(member, "t", ("t", [0])))!.GenerationId);
        Assert.Equal("t[0]", Assignment(_run.Sync(ClassicSync(member, 2))!));
        Assert.Equal("2 1[1]", _run.Text(Beat("m1", 2)));
        Assert.Equal("Stable", _run.Describe().GroupState);

        // And back.
        _run.Text(Leave("m1"));
        Assert.Equal("PreparingRebalance", _run.DescribeClassic().GroupState);
    }

    [Fact]
    public void Members_who_wait_for_a_rebalance_are_told_to_join_again()
    {
        _run.Settings = _run.Settings with { InitialRebalanceDelayMs = 3_000 };
        string member = _run.Join(ClassicJoin("", "t"))!.MemberId;
        Func<JoinGroupResponse?> waiting = _run.JoinLater(ClassicJoin(member, "t"));
        Assert.Null(waiting());
        Assert.Equal("1 1[1]", _run.Text(Join("m1", "t")));
        Assert.Equal(ErrorCode.RebalanceInProgress, waiting()!.ErrorCode);
        Assert.Equal(ErrorCode.None, _run.Join(ClassicJoin(member, "t"))!.ErrorCode);
        Assert.Equal("t[0]", Assignment(_run.Sync(ClassicSync(member, 1))!));
    }

    [Fact]
    public void Policy_forbids_the_change()
    {
        string member = JoinClassic("t");
        _run.Settings = _run.Settings with { ConsumerMigrationPolicy = GroupMigrationPolicy.Downgrade };
        Assert.Equal("GroupIdNotFound", _run.Text(Join("m1", "t")));
        _run.Settings = _run.Settings with { ConsumerMigrationPolicy = GroupMigrationPolicy.Upgrade };
        Assert.Equal("2 1[1]", _run.Text(Join("m1", "t")));
        _run.Text(Leave("m1"));
        Assert.Equal([member], _run.Describe().Members.Select(static each => each.MemberId));
        _run.Settings = _run.Settings with { ConsumerMigrationPolicy = GroupMigrationPolicy.Disabled };
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, _run.Join(ClassicJoin("", "t"))!.ErrorCode);
    }

    [Fact]
    public void Group_of_another_protocol_type_stays_classic()
    {
        JoinGroupRequest request = ClassicJoin("", "t");
        request.ProtocolType = "connect";
        request.MemberId = _run.Join(request)!.MemberId;
        _run.Join(request);
        Assert.Equal("GroupIdNotFound", _run.Text(Join("m1", "t")));
        _run.LeaveClassic(request.MemberId);
        Assert.Equal("2 1[0,1]", _run.Text(Join("m1", "t")));
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, _run.Join(request)!.ErrorCode);
    }

    [Fact]
    public void Empty_consumer_group_becomes_classic_again()
    {
        _run.Text(Join("m1", "t"));
        _run.Text(Leave("m1"));
        string member = JoinClassic("t");
        Assert.Equal(member, _run.DescribeClassic().Members.Single().MemberId);
        _run.Reload();
        Assert.Equal(ErrorCode.GroupIdNotFound, _run.Describe().ErrorCode);
    }

    [Fact]
    public void Static_member_changes_the_protocol_and_keeps_its_partitions()
    {
        JoinGroupRequest classic = ClassicJoin("", "t");
        classic.GroupInstanceId = "i1";
        JoinGroupResponse first = _run.Join(classic)!;
        _run.Sync(new SyncGroupRequest
        {
            GroupId = "g", MemberId = first.MemberId, GroupInstanceId = "i1", GenerationId = 1, ProtocolType = "consumer", ProtocolName = "range",
            Assignments = [new() { MemberId = first.MemberId, Assignment = Encode(("t", [0, 1])) }],
        });

        ConsumerGroupHeartbeatRequest join = Join("m1", "t");
        join.InstanceId = "i1";
        Assert.Equal("1 1[0,1]", _run.Text(join));
        Assert.Equal(["m1"], _run.Describe().Members.Select(static member => member.MemberId));

        // Back to the classic protocol: nothing but the protocol changes, so nobody has to rebalance.
        JoinGroupResponse back = _run.Join(classic)!;
        Assert.Equal((ErrorCode.None, 1), (back.ErrorCode, back.GenerationId));
        DescribeGroupsResponse.DescribedGroup group = _run.DescribeClassic();
        Assert.Equal(("Stable", back.MemberId), (group.GroupState, group.Members.Single().MemberId));
        Assert.Equal("t[0,1]", Decode(group.Members[0].MemberAssignment));
        _run.Advance(11_000);
        Assert.Equal("Empty", _run.DescribeClassic().GroupState);
    }

    [Fact]
    public void Members_of_both_protocols_leave_a_consumer_group()
    {
        _run.Text(Join("m1", "t"));
        _run.Text(Join("m2", "t"));
        string member = JoinClassic("t");
        LeaveGroupResponse left = _run.LeaveClassic(member, "nobody", "m2");
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownMemberId, ErrorCode.None], left.Members.Select(static each => each.ErrorCode));
        Assert.Equal(["m1"], _run.Describe().Members.Select(static each => each.MemberId));
    }

    private static JoinGroupRequest ClassicJoin(string memberId, string topic, params (string Topic, int[] Partitions)[] owned) => new()
    {
        GroupId = "g", MemberId = memberId, ProtocolType = "consumer", SessionTimeoutMs = 10_000, RebalanceTimeoutMs = 20_000,
        Protocols = [new() { Name = "range", Metadata = Subscription(topic, owned) }],
    };

    private static SyncGroupRequest ClassicSync(string memberId, int generation, params (string Topic, int[] Partitions)[] assignment) => new()
    {
        GroupId = "g", MemberId = memberId, GenerationId = generation, ProtocolType = "consumer", ProtocolName = "range",
        Assignments = assignment.Length == 0 ? [] : [new() { MemberId = memberId, Assignment = Encode(assignment) }],
    };

    private static string Assignment(SyncGroupResponse response) => response.ErrorCode == ErrorCode.None ? Decode(response.Assignment) : response.ErrorCode.ToString();

    private string JoinClassic(string topic)
    {
        string memberId = _run.Join(ClassicJoin("", topic))!.MemberId;
        Assert.Equal(ErrorCode.None, _run.Join(ClassicJoin(memberId, topic))!.ErrorCode);
        return memberId;
    }
}
