using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Partitions;

public sealed class PartitionLeaderTests
{
    private const int Local = 1;

    [Fact]
    public void High_watermark_follows_the_log_end_without_followers()
    {
        PartitionLeader leader = Leader([Local], [Local]);

        leader.Appended(3, 100);

        Assert.Equal(3, leader.HighWatermark);
        Assert.Equal(100, leader.ReadableBytes(ReadLimit.HighWatermark));
    }

    [Fact]
    public void High_watermark_waits_for_every_in_sync_follower()
    {
        PartitionLeader leader = Leader([Local, 2, 3], [Local, 2, 3]);

        leader.Appended(10, 1000);
        Assert.Equal(0, leader.HighWatermark);
        leader.FollowerFetched(new(2, 10, 0, 5), out _);
        Assert.Equal(0, leader.HighWatermark);
        leader.FollowerFetched(new(3, 4, 0, 5), out _);

        Assert.Equal(4, leader.HighWatermark);
    }

    [Fact]
    public void High_watermark_ignores_followers_out_of_sync()
    {
        PartitionLeader leader = Leader([Local, 2, 3], [Local, 2]);

        leader.Appended(10, 1000);
        leader.FollowerFetched(new(2, 10, 0, 5), out _);

        Assert.Equal(10, leader.HighWatermark);
    }

    [Fact]
    public void High_watermark_stands_still_below_min_insync_replicas()
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        leader.RequireInSync(2);

        leader.Appended(10, 1000);
        Assert.Equal(0, leader.HighWatermark);
        leader.RequireInSync(1);

        Assert.Equal(10, leader.HighWatermark);
    }

    [Fact]
    public void Min_insync_replicas_above_the_replication_factor_counts_as_the_replication_factor()
    {
        PartitionLeader leader = Leader([Local], [Local]);
        leader.RequireInSync(3);

        Assert.Equal(ErrorCode.None, leader.CheckProduce(-1));
    }

    [Fact]
    public void Produce_with_acks_all_is_refused_with_too_few_in_sync_replicas()
    {
        PartitionLeader leader = Leader([Local, 2], [Local]);
        leader.RequireInSync(2);

        Assert.Equal(ErrorCode.NotEnoughReplicas, leader.CheckProduce(-1));
        Assert.Equal(ErrorCode.None, leader.CheckProduce(1));
    }

    [Fact]
    public void Produce_is_refused_by_a_follower()
    {
        PartitionLeader leader = new(Local);
        leader.Assign(new(2, 0, 0, [Local, 2], [Local, 2]), 0);

        Assert.Equal(ErrorCode.NotLeaderOrFollower, leader.CheckProduce(1));
    }

    [Theory]
    [InlineData(-1, ErrorCode.None)]
    [InlineData(5, ErrorCode.None)]
    [InlineData(4, ErrorCode.FencedLeaderEpoch)]
    [InlineData(6, ErrorCode.UnknownLeaderEpoch)]
    public void Leader_epoch_of_a_client_is_checked(int epoch, ErrorCode expected)
    {
        PartitionLeader leader = new(Local);
        leader.Assign(new(Local, 5, 7, [Local], [Local]), 0);

        Assert.Equal(expected, leader.CheckEpoch(epoch, mustLead: true));
    }

    [Fact]
    public void Waiting_produces_are_handed_back_in_order_when_committed()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        Produce first = Park(leader, 3);
        Produce second = Park(leader, 6);
        leader.Appended(6, 10);

        leader.FollowerFetched(new(2, 3, 0, 1), out _);
        ReadyWaits ready = leader.TakeReady();
        Assert.Same(first, ready.Produces);
        Assert.Null(first.NextReady);
        leader.FollowerFetched(new(2, 6, 0, 2), out _);

        Assert.Same(second, leader.TakeReady().Produces);
        Assert.Equal(ErrorCode.None, second.Result);
    }

    [Fact]
    public void Produces_that_park_out_of_order_are_handed_back_in_order()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        Produce last = Park(leader, 9);
        Produce first = Park(leader, 3);
        Produce middle = Park(leader, 6);
        leader.Appended(9, 10);

        leader.FollowerFetched(new(2, 6, 0, 1), out _);

        Assert.Same(first, leader.TakeReady().Produces);
        Assert.Same(middle, first.NextReady);
        Assert.Null(middle.NextReady);
        Assert.True(leader.Unpark(last));
        Assert.False(leader.Unpark(last));
    }

    [Fact]
    public void Produce_whose_outcome_is_known_is_not_parked()
    {
        PartitionLeader leader = Leader([Local], [Local]);
        leader.Appended(3, 10);
        Produce committed = new() { RequiredOffset = 3 };
        Produce stale = new() { RequiredOffset = 4, LeaderEpoch = 7 };

        Assert.False(leader.TryPark(committed));
        Assert.Equal(ErrorCode.None, committed.Result);
        Assert.False(leader.TryPark(stale));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, stale.Result);
    }

    [Fact]
    public void Waiting_produce_fails_when_the_in_sync_replicas_fell_below_the_minimum_meanwhile()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        leader.RequireInSync(2);
        Produce wait = Park(leader, 3);
        leader.Appended(3, 10);
        leader.FollowerFetched(new(2, 3, 0, 1), out _);
        leader.Assign(new(Local, 0, 1, [Local, 2], [Local]), 1);

        Assert.Same(wait, leader.TakeReady().Produces);
        Assert.Equal(ErrorCode.NotEnoughReplicasAfterAppend, wait.Result);
    }

    [Fact]
    public void Waits_are_handed_back_with_an_error_when_the_leader_changes()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        Produce produce = Park(leader, 3);
        Fetch fetch = new();
        Assert.True(leader.TryPark(fetch, 0, 1));

        Assert.True(leader.Assign(new(2, 1, 1, [Local, 2], [Local, 2]), 1));
        ReadyWaits ready = leader.TakeAll(ErrorCode.NotLeaderOrFollower);

        Assert.Same(produce, ready.Produces);
        Assert.Same(fetch, ready.Fetches);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, produce.Result);
    }

    [Fact]
    public void Older_assignments_are_ignored()
    {
        PartitionLeader leader = new(Local);
        leader.Assign(new(Local, 5, 7, [Local], [Local]), 0);

        Assert.False(leader.Assign(new(2, 4, 6, [Local, 2], [2]), 0));
        Assert.True(leader.IsLeader);
        Assert.Equal(5, leader.LeaderEpoch);
    }

    [Fact]
    public void Parked_fetch_wakes_when_its_bytes_came()
    {
        PartitionLeader leader = Leader([Local], [Local]);
        Fetch wait = new();
        Assert.True(leader.TryPark(wait, 0, 150));

        leader.Appended(1, 100);
        Assert.True(leader.TakeReady().IsEmpty);
        leader.Appended(2, 100);

        Assert.Same(wait, leader.TakeReady().Fetches);
        Assert.False(leader.Unpark(wait));
    }

    [Fact]
    public void Fetch_is_not_parked_when_bytes_came_since_it_looked()
    {
        PartitionLeader leader = Leader([Local], [Local]);
        Fetch wait = new();
        long seenBytes = leader.ReadableBytes(ReadLimit.HighWatermark);
        leader.Appended(1, 100);

        Assert.False(leader.TryPark(wait, seenBytes, 1));
        Assert.True(leader.TakeReady().IsEmpty);
    }

    [Fact]
    public void Parked_fetch_may_renew_what_it_misses()
    {
        PartitionLeader leader = Leader([Local], [Local]);
        Fetch wait = new();
        Assert.True(leader.TryPark(wait, 0, 10));
        Assert.True(leader.TryPark(wait, 0, 1000));
        leader.Appended(1, 100);
        Assert.True(leader.TakeReady().IsEmpty);

        Assert.False(leader.TryPark(wait, 0, 100));
        Assert.False(leader.Unpark(wait));
    }

    [Fact]
    public void Consumers_do_not_wake_for_bytes_above_the_high_watermark()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        Fetch consumer = new();
        Fetch follower = new() { Limit = ReadLimit.LogEnd };
        leader.TryPark(consumer, 0, 1);
        leader.TryPark(follower, 0, 1);

        leader.Appended(1, 100);
        ReadyWaits ready = leader.TakeReady();
        Assert.Same(follower, ready.Fetches);
        Assert.Null(follower.NextReady);
        leader.FollowerFetched(new(2, 1, 0, 1), out _);

        Assert.Same(consumer, leader.TakeReady().Fetches);
    }

    [Fact]
    public void Readers_of_committed_data_wake_when_the_last_stable_offset_moves()
    {
        PartitionLeader leader = Leader([Local], [Local]);
        Fetch wait = new() { Limit = ReadLimit.LastStableOffset };
        leader.TryPark(wait, 0, 1);

        leader.Appended(5, 100);
        Assert.True(leader.TakeReady().IsEmpty);
        leader.MoveLastStableOffset(5);

        Assert.Same(wait, leader.TakeReady().Fetches);
    }

    [Fact]
    public void Unparked_fetch_is_not_woken()
    {
        PartitionLeader leader = Leader([Local], [Local]);
        Fetch[] waits = [new(), new(), new()];
        foreach (Fetch wait in waits)
            leader.TryPark(wait, 0, 1);

        Assert.True(leader.Unpark(waits[1]));
        leader.Appended(1, 1);

        HashSet<WaitingFetch> woken = [];
        for (WaitingFetch? wait = leader.TakeReady().Fetches; wait is not null; wait = wait.NextReady)
            woken.Add(wait);
        Assert.Equal([waits[0], waits[2]], woken.OrderBy(wait => Array.IndexOf(waits, wait)));
    }

    [Fact]
    public void Fetch_of_a_broker_that_holds_no_replica_is_refused()
    {
        PartitionLeader leader = Leader([Local], [Local]);

        Assert.Equal(ErrorCode.NotLeaderOrFollower, leader.FollowerFetched(new(9, 0, 0, 1), out _));
    }

    [Fact]
    public void Opened_log_brings_the_checkpointed_high_watermark_into_its_range()
    {
        PartitionLeader leader = new(Local);

        leader.Open(logStartOffset: 5, logEndOffset: 20, highWatermark: 99);
        Assert.Equal(20, leader.HighWatermark);
        leader.Open(logStartOffset: 5, logEndOffset: 20, highWatermark: 2);

        Assert.Equal(5, leader.HighWatermark);
    }

    [Fact]
    public void New_leader_knows_the_high_watermark_when_it_reaches_the_start_of_its_epoch()
    {
        PartitionLeader leader = new(Local);
        leader.Open(0, 10, 5);
        leader.Assign(new(Local, 1, 1, [Local, 2], [Local, 2]), 0);

        Assert.False(leader.IsHighWatermarkKnown);
        leader.FollowerFetched(new(2, 10, 0, 1), out _);

        Assert.True(leader.IsHighWatermarkKnown);
    }

    [Fact]
    public void Low_watermark_is_the_lowest_log_start_of_all_replicas()
    {
        PartitionLeader leader = Leader([Local, 2], [Local, 2]);
        leader.Appended(10, 100);
        leader.FollowerFetched(new(2, 10, 0, 1), out _);
        leader.MoveLogStart(7);
        Assert.Equal(0, leader.LowWatermark(static _ => true));

        leader.FollowerFetched(new(2, 10, 7, 2), out _);

        Assert.Equal(7, leader.LowWatermark(static _ => true));
    }

    private static PartitionLeader Leader(int[] replicas, int[] isr)
    {
        PartitionLeader leader = new(Local);
        leader.Assign(new(Local, 0, 0, replicas, isr), 0);
        return leader;
    }

    private static Produce Park(PartitionLeader leader, long requiredOffset)
    {
        Produce wait = new() { RequiredOffset = requiredOffset };
        Assert.True(leader.TryPark(wait));
        return wait;
    }

    private sealed class Produce : WaitingProduce;

    private sealed class Fetch : WaitingFetch;
}
