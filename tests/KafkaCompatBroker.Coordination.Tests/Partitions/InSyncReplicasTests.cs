using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Partitions;

public sealed class InSyncReplicasTests
{
    private const int Local = 1;
    private const long LagMs = 1000;
    private const long BrokerEpoch = 77;

    [Fact]
    public void Follower_that_lags_too_long_is_to_leave()
    {
        PartitionLeader leader = Leader([Local, 2, 3], [Local, 2, 3]);
        leader.Appended(10, 100);
        Fetch(leader, 2, 5, 100);
        Fetch(leader, 3, 10, LagMs);

        Assert.Null(leader.ProposeShrinking(LagMs));
        Assert.Equal([Local, 3], Ids(leader.ProposeShrinking(LagMs + 1)));
    }

    [Fact]
    public void Follower_that_was_never_heard_leaves_although_nothing_was_appended()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);

        Assert.Null(leader.ProposeShrinking(LagMs));
        Assert.Equal([Local], Ids(leader.ProposeShrinking(LagMs + 1)));
    }

    [Fact]
    public void Follower_with_everything_stays_however_long_it_was_silent()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        leader.Appended(10, 100);
        Fetch(leader, 2, 10, 1);

        Assert.Null(leader.ProposeShrinking(100 * LagMs));
    }

    [Fact]
    public void Follower_that_lags_by_the_newest_batch_only_stays()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        for (int i = 1; i <= 20; i++)
        {
            leader.Appended(i, 100);
            Fetch(leader, 2, i - 1, i * 500);
        }

        Assert.Null(leader.ProposeShrinking(20 * 500));
    }

    [Fact]
    public void High_watermark_waits_for_a_laggard_until_the_controller_let_it_go()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        leader.Appended(10, 100);
        IsrProposal proposal = leader.ProposeShrinking(LagMs + 1)!;
        Assert.Equal(0, leader.HighWatermark);

        Assert.False(Answer(leader, proposal, ErrorCode.None, 1, [Local]));

        Assert.Equal(10, leader.HighWatermark);
        Assert.Equal([Local], leader.Assignment.Isr);
    }

    [Fact]
    public void Follower_that_reaches_the_high_watermark_is_to_enter_and_counts_at_once()
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        leader.Appended(10, 100);
        Assert.Null(Fetch(leader, 2, 9, 100));

        Assert.Equal([Local, 2], Ids(Fetch(leader, 2, 10, 200)));
        leader.Appended(11, 10);

        Assert.Equal(10, leader.HighWatermark);
    }

    [Fact]
    public void Follower_behind_the_start_of_the_leader_epoch_may_not_enter()
    {
        PartitionLeader leader = new(Local);
        leader.Open(0, 10, 5);
        leader.Assign(new(Local, 1, 1, [Local, 2, 3], [Local, 3]), 0);

        Assert.Null(Fetch(leader, 2, 7, 1));
        Assert.NotNull(Fetch(leader, 2, 10, 2));
    }

    [Fact]
    public void Broker_that_is_fenced_or_shutting_down_may_not_enter()
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);

        leader.FollowerFetched(new(2, 0, 0, 1, BrokerEpoch, IsEligible: false), out IsrProposal? proposal);

        Assert.Null(proposal);
        leader.Appended(5, 10);
        Assert.Equal(5, leader.HighWatermark);
    }

    [Fact]
    public void Proposal_names_the_broker_epochs_of_the_fetches_in_order_of_ids()
    {
        PartitionLeader leader = Leader([Local, 2, 3], [Local, 3]);

        leader.FollowerFetched(new(2, 0, 0, 1, BrokerEpoch), out IsrProposal? proposal);

        Assert.Equal([new(Local, -1), new(2, BrokerEpoch), new(3, -1)], proposal!.Members);
    }

    [Fact]
    public void One_proposal_is_under_way_at_a_time()
    {
        PartitionLeader leader = Leader([Local, 2, 3], [Local]);

        Assert.NotNull(Fetch(leader, 2, 0, 1));
        Assert.Null(Fetch(leader, 3, 0, 1));
        Assert.Null(leader.ProposeShrinking(LagMs * 9));
    }

    [Theory]
    [InlineData(ErrorCode.IneligibleReplica)]
    [InlineData(ErrorCode.OperationNotAttempted)]
    public void Proposal_that_was_surely_not_carried_out_is_dropped(ErrorCode error)
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        IsrProposal proposal = Fetch(leader, 2, 0, 1)!;
        leader.Appended(5, 10);
        Assert.Equal(0, leader.HighWatermark);

        Assert.False(Answer(leader, proposal, error, 0, [Local]));

        Assert.False(leader.IsProposed(proposal));
        Assert.NotNull(Fetch(leader, 2, 5, 2));
    }

    [Theory]
    [InlineData(ErrorCode.InvalidUpdateVersion)]
    [InlineData(ErrorCode.FencedLeaderEpoch)]
    [InlineData(ErrorCode.NewLeaderElected)]
    [InlineData(ErrorCode.UnknownTopicId)]
    public void Proposal_that_may_have_been_carried_out_counts_until_the_metadata_tells(ErrorCode error)
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        IsrProposal proposal = Fetch(leader, 2, 0, 1)!;
        leader.Appended(5, 10);

        Assert.False(Answer(leader, proposal, error, 0, [Local]));
        Assert.True(leader.IsProposed(proposal));
        Assert.Equal(0, leader.HighWatermark);
        leader.Assign(new(Local, 0, 1, [Local, 2], [Local]), 2);

        Assert.False(leader.IsProposed(proposal));
        Assert.Equal(5, leader.HighWatermark);
    }

    [Theory]
    [InlineData(ErrorCode.NotController)]
    [InlineData(ErrorCode.UnknownServerError)]
    public void Proposal_is_sent_again_after_other_errors(ErrorCode error)
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        IsrProposal proposal = Fetch(leader, 2, 0, 1)!;

        Assert.True(Answer(leader, proposal, error, 0, [Local]));
        Assert.True(leader.IsProposed(proposal));
    }

    [Fact]
    public void Metadata_of_the_same_partition_epoch_does_not_forget_a_proposal()
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        IsrProposal proposal = Fetch(leader, 2, 0, 1)!;

        leader.Assign(new(Local, 0, 0, [Local, 2], [Local]), 2);
        leader.Appended(5, 10);

        Assert.True(leader.IsProposed(proposal));
        Assert.Equal(0, leader.HighWatermark);
    }

    [Fact]
    public void Answer_to_a_proposal_of_an_earlier_epoch_is_ignored()
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        IsrProposal proposal = Fetch(leader, 2, 0, 1)!;
        leader.Assign(new(Local, 1, 1, [Local, 2], [Local]), 2);

        Assert.False(Answer(leader, proposal, ErrorCode.None, 1, [Local, 2]));
        Assert.False(Answer(leader, proposal, ErrorCode.NotController, 1, []));

        Assert.Equal([Local], leader.Assignment.Isr);
    }

    [Fact]
    public void High_watermark_waits_for_a_follower_that_keeps_up_so_that_it_can_enter()
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        leader.Appended(5, 10);
        Fetch(leader, 2, 0, 10_100);
        leader.Appended(10, 10);
        Assert.Null(Fetch(leader, 2, 5, 10_200));

        leader.Appended(15, 10);
        Assert.Equal(10, leader.HighWatermark);

        Assert.NotNull(Fetch(leader, 2, 10, 10_300));
    }

    [Fact]
    public void Follower_that_stops_on_its_way_in_is_not_waited_for()
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        leader.Appended(5, 10);
        Fetch(leader, 2, 0, 10_100);
        leader.Appended(10, 10);
        Fetch(leader, 2, 5, 10_200);
        leader.Appended(15, 10);

        Assert.Null(leader.ProposeShrinking(LagMs * 20));

        Assert.Equal(15, leader.HighWatermark);
    }

    [Fact]
    public void Progress_is_forgotten_with_the_leader_epoch()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        leader.Appended(10, 100);
        Fetch(leader, 2, 8, 1);
        Assert.Equal(8, leader.HighWatermark);

        leader.Assign(new(Local, 1, 1, [Local, 2], [Local, 2]), 2);
        leader.Appended(12, 100);

        Assert.Equal(8, leader.HighWatermark);
        Fetch(leader, 2, 12, 3);
        Assert.Equal(12, leader.HighWatermark);
    }

    [Fact]
    public void Follower_wakes_when_the_high_watermark_is_above_what_it_was_told()
    {
        PartitionLeader leader = Leader([Local, 2, 3], [Local, 2, 3]);
        leader.Appended(10, 100);
        Fetch(leader, 2, 10, 1);
        Wait wait = new() { Limit = ReadLimit.LogEnd, KnownHighWatermark = 0 };
        Assert.True(leader.TryPark(wait, leader.ReadableBytes(ReadLimit.LogEnd), 1));
        Assert.True(leader.TakeReady().IsEmpty);

        Fetch(leader, 3, 10, 1);

        Assert.Same(wait, leader.TakeReady().Fetches);
        Assert.False(leader.TryPark(wait, leader.ReadableBytes(ReadLimit.LogEnd), 1));
    }

    [Theory]
    [InlineData(-1, ErrorCode.NotLeaderOrFollower)]
    [InlineData(0, ErrorCode.UnknownLeaderEpoch)]
    public void Broker_without_a_replica_is_told_so(int epoch, ErrorCode expected)
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);

        Assert.Equal(expected, leader.CheckReplica(9, epoch));
        Assert.Equal(ErrorCode.None, leader.CheckReplica(2, epoch));
    }

    [Fact]
    public void Low_watermark_does_not_wait_for_the_dead()
    {
        PartitionLeader leader = Leader([Local, 2, 3], [Local, 2]);
        leader.Appended(10, 100);
        leader.FollowerFetched(new(2, 10, 6, 1), out _);
        leader.MoveLogStart(8);

        Assert.Equal(6, leader.LowWatermark(static broker => broker == 2));
    }

    [Fact]
    public void Reader_is_sent_to_the_in_sync_replica_of_its_rack_that_reaches_furthest()
    {
        PartitionLeader leader = Leader([Local, 2, 3, 4], [Local, 2, 3]);
        leader.Appended(10, 100);
        Fetch(leader, 2, 5, 1);
        Fetch(leader, 3, 7, 1);
        Fetch(leader, 4, 9, 1);
        NearbyReader near = new("far", broker => broker == Local ? "here" : "far");

        Assert.Equal(3, leader.NearestReplica(near, 5));
        Assert.Equal(3, leader.NearestReplica(near, 7));
        Assert.Equal(-1, leader.NearestReplica(near, 8));
        Assert.Equal(2, leader.NearestReplica(near with { RackOf = static broker => broker == 2 ? "far" : null }, 5));
        Assert.Equal(-1, leader.NearestReplica(near with { RackOf = static _ => "far" }, 5));
    }

    private static PartitionLeader Leader(int[] replicas, int[] isr)
    {
        PartitionLeader leader = new(Local) { LagTimeMaxMs = LagMs };
        leader.Assign(new(Local, 0, 0, replicas, isr), 0);
        return leader;
    }

    private static IsrProposal? Fetch(PartitionLeader leader, int replica, long offset, long nowMs)
    {
        Assert.Equal(ErrorCode.None, leader.FollowerFetched(new(replica, offset, 0, nowMs), out IsrProposal? proposal));
        return proposal;
    }

    private static bool Answer(PartitionLeader leader, IsrProposal proposal, ErrorCode error, int partitionEpoch, int[] isr) =>
        leader.ProposalAnswered(proposal, error, new(Local, 0, partitionEpoch, leader.Assignment.Replicas, isr), 0);

    private static IEnumerable<int> Ids(IsrProposal? proposal) => proposal!.Members.Select(static member => member.BrokerId);

    private sealed class Wait : WaitingFetch;
}
