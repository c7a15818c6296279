using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Data;

public sealed class PartitionTests : IDisposable
{
    private const int Local = 1;
    private const int Follower = 2;

    private readonly string _directory = Directory.CreateTempSubdirectory("partition-").FullName;
    private readonly LogStore _logs;
    private readonly TimerQueue _timers = new(TimeProvider.System);

    public PartitionTests() =>
        _logs = LogStore.Open(new LogStoreOptions { Directories = [_directory] }, TimeProvider.System, NullLogger.Instance);

    public void Dispose()
    {
        _timers.Dispose();
        _logs.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Append_allocates_next_to_nothing()
    {
        const int Appends = 2000;
        const int BytesMax = 64;
        Partition partition = Open([Local], [Local]);
        byte[] batch = Batches.Of(new string('x', 1000));
        for (int i = 0; i < 500; i++)
            partition.Append(batch, -1, Batches.TimestampMs, allowsZstd: true, out _);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Appends; i++)
            partition.Append(batch, -1, Batches.TimestampMs, allowsZstd: true, out _);
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Appends;

        Assert.True(each <= BytesMax, $"{each} bytes an append");
    }

    [Fact]
    public async Task Produce_waits_for_the_follower()
    {
        Partition partition = Open([Local, Follower], [Local, Follower]);
        Assert.Equal(ErrorCode.None, Append(partition, Batches.Of("a", "b"), -1, out PartitionView after).Error);
        Assert.Equal(0, after.HighWatermark);
        ProduceResponse.PartitionProduceResponse answer = new();
        PendingProduce pending = new(_timers);
        pending.Add(partition, after.LeaderEpoch, 2, answer);
        Task waiting = pending.WaitAsync(60_000).AsTask();
        Assert.False(waiting.IsCompleted);

        Assert.Equal(ErrorCode.None, partition.FollowerFetched(new(Follower, 2, 0, 1), out _));
        await waiting;

        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        Assert.Equal(2, partition.HighWatermark);
        Assert.Equal(0, _timers.Count);
    }

    [Fact]
    public async Task Produce_times_out_without_the_follower()
    {
        Partition partition = Open([Local, Follower], [Local, Follower]);
        Append(partition, Batches.Of("a"), -1, out PartitionView after);
        ProduceResponse.PartitionProduceResponse answer = new();
        PendingProduce pending = new(_timers);
        pending.Add(partition, after.LeaderEpoch, 1, answer);

        await pending.WaitAsync(1);

        Assert.Equal(ErrorCode.RequestTimedOut, answer.ErrorCode);
    }

    [Fact]
    public async Task Produce_ends_when_the_leader_changes()
    {
        Partition partition = Open([Local, Follower], [Local, Follower]);
        Append(partition, Batches.Of("a"), -1, out PartitionView after);
        ProduceResponse.PartitionProduceResponse answer = new();
        PendingProduce pending = new(_timers);
        pending.Add(partition, after.LeaderEpoch, 1, answer);
        Task waiting = pending.WaitAsync(60_000).AsTask();

        partition.Assign(new(Follower, 1, 1, [Local, Follower], [Local, Follower]), 1, 0);
        await waiting;

        Assert.Equal(ErrorCode.NotLeaderOrFollower, answer.ErrorCode);
    }

    [Fact]
    public async Task Produce_to_several_partitions_waits_for_all_of_them()
    {
        Partition first = Open([Local, Follower], [Local, Follower], "first");
        Partition second = Open([Local, Follower], [Local, Follower], "second");
        PendingProduce pending = new(_timers);
        foreach (Partition partition in (Partition[])[first, second])
        {
            Append(partition, Batches.Of("a"), -1, out PartitionView after);
            pending.Add(partition, after.LeaderEpoch, 1, new ProduceResponse.PartitionProduceResponse());
        }

        Task waiting = pending.WaitAsync(60_000).AsTask();
        first.FollowerFetched(new(Follower, 1, 0, 1), out _);
        Assert.False(waiting.IsCompleted);
        second.FollowerFetched(new(Follower, 1, 0, 1), out _);

        await waiting;
    }

    [Fact]
    public void Too_few_replicas_in_sync_refuse_acks_all()
    {
        Partition partition = Open([Local, Follower], [Local], minInSyncReplicas: 2);

        Assert.Equal(ErrorCode.NotEnoughReplicas, Append(partition, Batches.Of("a"), -1, out _).Error);
        Assert.Equal(ErrorCode.None, Append(partition, Batches.Of("a"), 1, out _).Error);
        Assert.Equal(0, partition.HighWatermark);
    }

    [Fact]
    public void Readers_see_records_up_to_their_limit()
    {
        Partition partition = Open([Local, Follower], [Local, Follower]);
        Append(partition, Batches.Of("a", "b"), 1, out _);

        Assert.Equal(0, partition.View(-1, mustLead: true, ReadLimit.HighWatermark).EndOffset);
        Assert.Equal(2, partition.View(-1, mustLead: true, ReadLimit.LogEnd).EndOffset);
    }

    private static AppendOutcome Append(Partition partition, byte[] batch, short acks, out PartitionView after) =>
        partition.Append(batch, acks, Batches.TimestampMs, allowsZstd: true, out after);

    private Partition Open(int[] replicas, int[] isr, string topic = "t", int minInSyncReplicas = 1)
    {
        TopicPartition name = new(topic, 0);
        PartitionLog log = _logs.GetOrCreate(name, new Uuid(1, (ulong)topic.GetHashCode(StringComparison.Ordinal)), LogConfig.Default);
        Partition partition = new(name, log.TopicId, Local, log);
        partition.Assign(new(Local, 0, 0, replicas, isr), minInSyncReplicas, 0);
        return partition;
    }
}
