using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Coordinators;

public sealed class CoordinatorRuntimeTests : CoordinatorTests
{
    [Fact]
    public async Task Nobody_coordinates_before_the_topic_exists()
    {
        Start();

        Assert.Equal(ErrorCode.NotCoordinator, (await FetchAsync("g")).Error);
        Assert.Null(Runtime!.PartitionOf("g"));
    }

    [Fact]
    public async Task Partition_of_another_broker_is_not_coordinated_here()
    {
        Images.Publish(Topic(), Partition(Other, epoch: 0));
        Start();

        Assert.Equal(ErrorCode.NotCoordinator, (await FetchAsync("g")).Error);
        Assert.Equal(0, Runtime!.PartitionOf("g"));
    }

    [Fact]
    public async Task What_is_committed_is_seen_by_the_next_command()
    {
        await LeadAsync();

        Assert.Equal(5, await CommitAsync("g", 5));
        Assert.Equal(5, await OffsetAsync("g"));
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    public async Task Reload_in_a_higher_epoch_gives_the_same_state(CompressionType codec)
    {
        Codec = codec;
        await LeadAsync();
        await CommitAsync("kept", 5);
        await CommitAsync("kept", 6);
        await CommitAsync("gone", 7);
        await AskAsync((shard, step, reply) => OffsetsShard.Delete(step, "gone", reply));

        Images.Publish(Partition(Local, epoch: 1));

        Assert.Equal(6, await OffsetAsync("kept"));
        Assert.Equal(-1, await OffsetAsync("gone"));
        Assert.Equal(2, Shards.Count);
    }

    [Fact]
    public async Task Transactional_records_count_when_their_marker_commits_also_after_a_reload()
    {
        await LeadAsync();
        foreach ((string group, long producerId) in ((string, long)[])[("committed", 1), ("aborted", 2), ("open", 3)])
            await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, group, 9, reply, producerId));
        Assert.Equal(-1, await OffsetAsync("committed"));

        Assert.Equal(ErrorCode.None, await Runtime!.WriteMarkerAsync(0, new TransactionMarker(1, 0, 4, IsCommit: true)));
        Assert.Equal(ErrorCode.None, await Runtime.WriteMarkerAsync(0, new TransactionMarker(2, 0, 4, IsCommit: false)));
        Assert.Equal(9, await OffsetAsync("committed"));
        Images.Publish(Partition(Local, epoch: 1));

        Assert.Equal(9, await OffsetAsync("committed"));
        Assert.Equal(-1, await OffsetAsync("aborted"));
        Assert.Equal(-1, await OffsetAsync("open"));
        Assert.Equal(ErrorCode.None, await Runtime.WriteMarkerAsync(0, new TransactionMarker(3, 0, 4, IsCommit: true)));
        Assert.Equal(9, await OffsetAsync("open"));
    }

    [Fact]
    public async Task Marker_of_an_older_coordinator_is_fenced()
    {
        await LeadAsync();
        await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, "g", 9, reply, producerId: 1));
        await Runtime!.WriteMarkerAsync(0, new TransactionMarker(1, 0, 4, IsCommit: true));

        Assert.Equal(ErrorCode.TransactionCoordinatorFenced, await Runtime.WriteMarkerAsync(0, new TransactionMarker(1, 0, 3, IsCommit: true)));
    }

    [Fact]
    public async Task Unknown_records_of_a_newer_broker_are_stepped_over()
    {
        Images.Publish(Topic(), Partition(Local, epoch: 0));
        RecordBatchBuilder builder = new(new RecordBatchOptions());
        builder.Append(1, [127, 0, 1], [0, 0]);
        builder.Append(1, CoordinatorRecords.WriteKey(CoordinatorLog.Group, new OffsetCommitKey { Group = "g", Topic = "t" }),
            CoordinatorRecords.WriteValue(new OffsetCommitValue { Offset = 3, Metadata = "" }, 3));
        Host.Find(TopicId, 0, out Partition? partition);
        Assert.Equal(ErrorCode.None, partition!.AppendOfCoordinator(builder.Build(), 0, Batches.TimestampMs, out _).Error);

        await LeadAsync();

        Assert.Equal(3, await OffsetAsync("g"));
    }

    [Fact]
    public async Task Answers_and_reads_behind_them_wait_for_the_followers()
    {
        Images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other));
        await LeadAsync();
        Task<long> commit = CommitAsync("g", 5);
        Task<long> fetch = OffsetAsync("g");
        Assert.False(commit.IsCompleted);
        Assert.False(fetch.IsCompleted);

        Host.Find(TopicId, 0, out Partition? partition);
        partition!.FollowerFetched(new(Other, 1, 0, 1), out _);

        Assert.Equal(5, await commit.WaitAsync(PatienceMax));
        Assert.Equal(5, await fetch.WaitAsync(PatienceMax));
    }

    [Fact]
    public async Task Answer_that_waits_too_long_is_an_error()
    {
        CommitTimeoutMs = 1;
        Images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other));
        await LeadAsync();

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, "g", 5, reply))).Error);
    }

    [Fact]
    public async Task Nothing_is_applied_when_too_few_replicas_are_in_sync()
    {
        Images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other), MinInSync(2));
        await LeadAsync();
        Images.Publish(Partition(Local, epoch: 0, partitionEpoch: 1, isr: [Local], Local, Other));

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, "g", 5, reply))).Error);
        Assert.Equal(-1, await OffsetAsync("g"));
    }

    [Fact]
    public async Task Loss_of_leadership_answers_everybody()
    {
        Images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other));
        await LeadAsync();
        Task<ShardAnswer<Seen>> kept = AskAsync((shard, _, reply) => shard.Keep(reply));
        Task<ShardAnswer<Seen>> forgotten = AskAsync((_, _, _) => { });
        Task<ShardAnswer<Seen>> uncommitted = AskAsync((shard, step, reply) => OffsetsShard.Commit(step, "g", 5, reply));
        Assert.False(kept.IsCompleted || forgotten.IsCompleted || uncommitted.IsCompleted);

        Images.Publish(Partition(Other, epoch: 1, Local, Other));

        Assert.Equal(-2, (await kept.WaitAsync(PatienceMax)).Response!.Offset);
        Assert.Equal(ErrorCode.NotCoordinator, (await forgotten.WaitAsync(PatienceMax)).Error);
        Assert.Equal(ErrorCode.NotCoordinator, (await uncommitted.WaitAsync(PatienceMax)).Error);
        Assert.Equal(ErrorCode.NotCoordinator, (await FetchAsync("g")).Error);
        Assert.Equal(0, Timers.Count);
    }

    [Fact]
    public async Task Deleted_topic_answers_everybody_and_may_come_back()
    {
        await LeadAsync();
        await CommitAsync("g", 5);
        Task<ShardAnswer<Seen>> kept = AskAsync((shard, _, reply) => shard.Keep(reply));

        Images.Publish(new RemoveTopicRecord { TopicId = TopicId });
        Assert.Equal(-2, (await kept.WaitAsync(PatienceMax)).Response!.Offset);
        Assert.Equal(ErrorCode.NotCoordinator, (await FetchAsync("g")).Error);

        Uuid next = new(8, 8);
        Images.Publish(Topic(next), Partition(Local, epoch: 0, partitionEpoch: 0, isr: [Local], [Local], next));
        Assert.Equal(-1, await OffsetAsync("g"));
    }

    [Fact]
    public async Task Deadline_of_the_shard_is_carried_out()
    {
        await LeadAsync();
        await AskAsync((shard, step, reply) => shard.TickAt(step, step.NowMs + 1, reply));

        await EventuallyAsync(() => Shards[0].Ticks > 0);
        Assert.Equal(0, Timers.Count);
    }

    [Fact]
    public async Task Batch_that_the_topic_does_not_take_is_refused_but_deadlines_split_theirs()
    {
        Images.Publish(Topic(), Partition(Local, epoch: 0), Config("max.message.bytes", "5000"));
        await LeadAsync();
        string longName = new('n', 6_000);
        Assert.Equal(ErrorCode.UnknownServerError, (await AskAsync((shard, step, reply) => OffsetsShard.Commit(step, longName, 5, reply))).Error);
        Assert.Equal(-1, await OffsetAsync(longName));

        Shards[0].RecordsOfTick = 100;
        await AskAsync((shard, step, reply) => shard.TickAt(step, step.NowMs + 1, reply));

        string last = new string('t', 100) + "-99";
        await EventuallyAsync(() => OffsetAsync(last).GetAwaiter().GetResult() == 99);
    }

    [Fact]
    public async Task Shard_that_fails_is_loaded_again()
    {
        await LeadAsync();
        await CommitAsync("g", 5);
        Task<ShardAnswer<Seen>> kept = AskAsync((shard, _, reply) => shard.Keep(reply));

        Assert.Equal(ErrorCode.UnknownServerError, (await AskAsync((_, _, _) => throw new InvalidOperationException("broken"))).Error);

        Assert.Equal(ErrorCode.NotCoordinator, (await kept.WaitAsync(PatienceMax)).Error);
        Assert.Equal(5, await OffsetAsync("g"));
        Assert.Equal(2, Shards.Count);
    }

    [Fact]
    public async Task Commands_from_many_threads_run_one_by_one()
    {
        const int Writers = 8;
        const int Each = 500;
        await LeadAsync();
        int inside = 0;
        int overlaps = 0;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (int i = 1; i <= Each; i++)
            {
                await AskAsync((shard, step, reply) =>
                {
                    overlaps += Interlocked.Exchange(ref inside, 1);
                    OffsetsShard.Commit(step, $"g{writer}", i, reply);
                    Volatile.Write(ref inside, 0);
                });
            }
        })));

        Assert.Equal(0, overlaps);
        for (int writer = 0; writer < Writers; writer++)
            Assert.Equal(Each, await OffsetAsync($"g{writer}"));
    }
}
