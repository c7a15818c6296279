using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Types;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Partitions;

public sealed class FetchSessionCacheTests
{
    private const long EvictionMs = 1000;

    private readonly FetchSessionCache _cache = new(2, EvictionMs);

    [Fact]
    public void Full_cache_refuses_a_session_of_the_same_size()
    {
        Open(1, 1, 0);
        Open(2, 1, 0);

        Assert.Null(Open(3, 1, EvictionMs));
        Assert.Equal(2, _cache.Count);
    }

    [Fact]
    public void Session_unused_for_long_is_replaced()
    {
        Open(1, 1, 0);
        Open(2, 1, 500);

        Assert.NotNull(Open(3, 1, EvictionMs + 1));
        Assert.Null(_cache.Find(1));
        Assert.Equal(1, _cache.EvictedCount);
    }

    [Fact]
    public void Use_of_a_session_keeps_it()
    {
        FetchSession first = Open(1, 1, 0)!;
        Open(2, 1, 100);
        _cache.Touch(first, 900);

        Assert.NotNull(Open(3, 1, EvictionMs + 200));
        Assert.Same(first, _cache.Find(1));
    }

    [Fact]
    public void Larger_session_replaces_the_smallest_one_that_had_its_time()
    {
        FetchSession small = Open(1, 1, 0)!;
        FetchSession large = Open(2, 5, 0)!;
        _cache.Touch(small, 900);
        _cache.Touch(large, 900);

        Assert.Null(Open(3, 3, EvictionMs));
        Assert.NotNull(Open(3, 3, EvictionMs + 1));
        Assert.Null(_cache.Find(1));
        Assert.Equal(8, _cache.PartitionCount);
    }

    [Fact]
    public void Follower_replaces_a_consumer_but_never_the_other_way_round()
    {
        FetchSession consumer = Open(1, 9, 0)!;
        FetchSession follower = Open(2, 1, 0, isPrivileged: true)!;
        _cache.Touch(consumer, 900);
        _cache.Touch(follower, 900);

        Assert.NotNull(Open(3, 1, EvictionMs + 1, isPrivileged: true));
        Assert.Null(_cache.Find(1));
        _cache.Touch(_cache.Find(3)!, 3000);
        _cache.Touch(follower, 3000);

        Assert.Null(Open(4, 50, 3500));
    }

    [Fact]
    public void Closed_session_frees_its_slot_and_id()
    {
        Open(1, 1, 0);
        Open(2, 1, 0);
        Assert.False(_cache.IsFree(1));

        Assert.True(_cache.Close(1));
        Assert.False(_cache.Close(1));

        Assert.True(_cache.IsFree(1));
        Assert.NotNull(Open(3, 1, 0));
    }

    [Fact]
    public void Size_is_taken_again_at_use()
    {
        FetchSession session = Open(1, 1, 0)!;
        session.Ask(new FetchedPartition(new(Uuid.Zero, "other", 0)));

        _cache.Touch(session, 1);

        Assert.Equal(2, _cache.PartitionCount);
        _cache.Close(1);
        Assert.Equal(0, _cache.PartitionCount);
    }

    [Fact]
    public void No_slots_means_no_sessions()
    {
        Assert.Null(new FetchSessionCache(0, EvictionMs).TryOpen(1, [], false, false, 0));
    }

    private FetchSession? Open(int id, int partitions, long nowMs, bool isPrivileged = false) => _cache.TryOpen(
        id,
        [.. Enumerable.Range(0, partitions).Select(index => new FetchedPartition(new(Uuid.Zero, "t", index)))],
        isPrivileged,
        usesTopicIds: false,
        nowMs);
}
