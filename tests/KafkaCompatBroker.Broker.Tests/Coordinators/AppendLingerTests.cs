using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Coordinators;

/// <summary>What <c>group.coordinator.append.linger.ms</c> does: one batch for the records of several steps.</summary>
public sealed class AppendLingerTests : CoordinatorTests
{
    // As good as forever: only what flushes the batch early ends it.
    private const int LongMs = 3_600_000;
    private const int Adaptive = -1;

    [Fact]
    public async Task Answers_and_reads_behind_them_wait_until_the_batch_is_appended()
    {
        AppendLingerMs = LongMs;
        await LeadAsync();
        Task<long> first = CommitAsync("g", 1);
        Task<long> second = CommitAsync("g", 2);
        Task<long> read = OffsetAsync("g");
        Assert.False(first.IsCompleted || second.IsCompleted || read.IsCompleted);
        Assert.Equal(0, Log.LogEndOffset);

        await CommitOfTransactionAsync();

        Assert.Equal(new long[] { 1, 2, 2 }, await Task.WhenAll(first, second, read).WaitAsync(PatienceMax));
        Assert.Equal([2, 1], RecordsOfBatches());
    }

    [Fact]
    public async Task Batch_is_appended_when_its_time_is_over()
    {
        AppendLingerMs = 20;
        await LeadAsync();

        Assert.Equal(new long[] { 1, 2 }, await Task.WhenAll(CommitAsync("g", 1), CommitAsync("h", 2)).WaitAsync(PatienceMax));
        Assert.Equal(2, Log.LogEndOffset);
    }

    [Fact]
    public async Task Commands_that_wait_in_the_mailbox_share_a_batch()
    {
        const int Count = 10;
        AppendLingerMs = Adaptive;
        await LeadAsync();
        using ManualResetEventSlim isFull = new();
        using ManualResetEventSlim isInside = new();
        Task<ShardAnswer<Seen>> held = Task.Run(() => AskAsync((shard, step, reply) =>
        {
            isInside.Set();
            isFull.Wait(PatienceMax);
            shard.Fetch(step, "g", reply);
        }));
        Assert.True(isInside.Wait(PatienceMax));

        Task<long>[] commits = [.. Enumerable.Range(1, Count).Select(offset => CommitAsync("g", offset))];
        isFull.Set();

        Assert.Equal(Enumerable.Range(1, Count).Select(offset => (long)offset), await Task.WhenAll(commits).WaitAsync(PatienceMax));
        Assert.Equal(-1, (await held.WaitAsync(PatienceMax)).Response!.Offset);
        Assert.Equal([Count], RecordsOfBatches());
        Assert.Equal(Count, await OffsetAsync("g"));
    }

    [Fact]
    public async Task Command_that_comes_alone_is_appended_at_once()
    {
        AppendLingerMs = Adaptive;
        await LeadAsync();

        Task<long> commit = CommitAsync("g", 1);

        Assert.True(commit.IsCompleted);
        Assert.Equal(1, await commit);
        Assert.Equal([1], RecordsOfBatches());
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    public async Task Reload_gives_the_same_state(CompressionType codec)
    {
        AppendLingerMs = LongMs;
        Codec = codec;
        await LeadAsync();
        Task<long> kept = CommitAsync("kept", 5);
        Task<long> replaced = CommitAsync("kept", 6);
        Task<ShardAnswer<Seen>> gone = AskAsync((_, step, reply) => OffsetsShard.Delete(step, "gone", reply));
        await CommitOfTransactionAsync();
        await Task.WhenAll(kept, replaced, gone).WaitAsync(PatienceMax);

        Images.Publish(Partition(Local, epoch: 1));

        Assert.Equal(6, await OffsetAsync("kept"));
        Assert.Equal(-1, await OffsetAsync("gone"));
        Assert.Equal([3, 1], RecordsOfBatches());
    }

    [Fact]
    public async Task Marker_comes_behind_what_was_decided_before_it()
    {
        AppendLingerMs = LongMs;
        await LeadAsync();
        await CommitOfTransactionAsync();
        Task<long> commit = CommitAsync("g", 5);

        Assert.Equal(ErrorCode.None, await Runtime!.WriteMarkerAsync(0, new TransactionMarker(1, 0, 4, IsCommit: true)));

        Assert.Equal(5, await commit.WaitAsync(PatienceMax));
        Assert.Equal([1, 1, 1], RecordsOfBatches());
    }

    [Fact]
    public async Task Full_batch_is_appended_and_another_one_begun()
    {
        AppendLingerMs = LongMs;
        Images.Publish(Topic(), Partition(Local, epoch: 0), Config("max.message.bytes", "5000"));
        await LeadAsync();
        Task<long>[] commits = [.. Enumerable.Range(0, 4).Select(number => CommitAsync(new string((char)('a' + number), 2_000), number))];

        Assert.Equal(new long[] { 0, 1 }, await Task.WhenAll(commits[..2]).WaitAsync(PatienceMax));
        Assert.False(commits[2].IsCompleted || commits[3].IsCompleted);
        Assert.Equal(
            ErrorCode.UnknownServerError, (await AskAsync((_, step, reply) => OffsetsShard.Commit(step, new string('n', 6_000), 5, reply))).Error);
        Assert.Equal(new long[] { 2, 3 }, await Task.WhenAll(commits[2..]).WaitAsync(PatienceMax));
        Assert.Equal([2, 2], RecordsOfBatches());
    }

    [Fact]
    public async Task All_steps_of_a_batch_that_the_log_refuses_are_undone()
    {
        AppendLingerMs = LongMs;
        Images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other), MinInSync(2));
        await LeadAsync();
        Task<ShardAnswer<Seen>> commit = AskAsync((_, step, reply) => OffsetsShard.Commit(step, "g", 5, reply));
        Task<ShardAnswer<Seen>> read = FetchAsync("g");
        Images.Publish(Partition(Local, epoch: 0, partitionEpoch: 1, isr: [Local], Local, Other));

        Assert.NotEqual(ErrorCode.None, (await AskAsync((_, step, reply) => OffsetsShard.Commit(step, "g", 9, reply, producerId: 1))).Error);

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await commit.WaitAsync(PatienceMax)).Error);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await read.WaitAsync(PatienceMax)).Error);
        Assert.Equal(-1, await OffsetAsync("g"));
        Assert.Equal(2, Shards.Count);
        Assert.Empty(RecordsOfBatches());
    }

    [Fact]
    public async Task Nothing_is_gathered_while_too_few_replicas_are_in_sync()
    {
        AppendLingerMs = LongMs;
        Images.Publish(Topic(), Partition(Local, epoch: 0, Local, Other), MinInSync(2));
        await LeadAsync();
        Images.Publish(Partition(Local, epoch: 0, partitionEpoch: 1, isr: [Local], Local, Other));

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await AskAsync((_, step, reply) => OffsetsShard.Commit(step, "g", 5, reply))).Error);
        Assert.Equal(-1, await OffsetAsync("g"));
        Assert.Single(Shards);
    }

    [Fact]
    public async Task Loss_of_leadership_answers_those_whose_batch_is_open()
    {
        AppendLingerMs = LongMs;
        await LeadAsync();
        Task<ShardAnswer<Seen>> commit = AskAsync((_, step, reply) => OffsetsShard.Commit(step, "g", 5, reply));

        Images.Publish(Partition(Other, epoch: 1, Local, Other));

        Assert.Equal(ErrorCode.NotCoordinator, (await commit.WaitAsync(PatienceMax)).Error);
        Assert.Empty(RecordsOfBatches());
        Assert.Equal(0, Timers.Count);
    }

    private PartitionLog Log => Host.Find(TopicId, 0, out Partition? partition) == ErrorCode.None ? partition!.Log : throw new InvalidOperationException();

    private async Task CommitOfTransactionAsync() =>
        Assert.Equal(ErrorCode.None, (await AskAsync((_, step, reply) => OffsetsShard.Commit(step, "open", 9, reply, producerId: 1)).WaitAsync(PatienceMax)).Error);

    private int[] RecordsOfBatches()
    {
        List<int> counts = [];
        LogSlice slice = Log.Read(0, 1_000_000, long.MaxValue, atLeastOneBatch: true);
        ReadOnlySpan<byte> rest = slice.Memory.Span;
        while (RecordBatchView.TryRead(rest, out RecordBatchView batch) == RecordBatchStatus.Ok)
        {
            counts.Add(batch.RecordCount);
            rest = rest[batch.SizeInBytes..];
        }

        slice.Lease.Dispose();
        return [.. counts];
    }
}
