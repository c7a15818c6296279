using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Data;

public sealed class FollowerCopyTests : IDisposable
{
    private const int Local = 1;
    private const int Leader = 2;
    private const long NowMs = Batches.TimestampMs;

    private readonly string _directory = Directory.CreateTempSubdirectory("follower-").FullName;
    private readonly LogStore _logs;
    private readonly Partition _partition;
    private readonly ReplicationThrottle _throttle = new(new ByteRate(windows: 1, windowMs: 3_600_000), TimeProvider.System);
    private int _partitionEpoch;

    public FollowerCopyTests()
    {
        _logs = LogStore.Open(new LogStoreOptions { Directories = [_directory] }, TimeProvider.System, NullLogger.Instance);
        TopicPartition name = new("t", 0);
        _partition = new(name, new Uuid(1, 1), Local, _logs.GetOrCreate(name, new Uuid(1, 1), LogConfig.Default));
    }

    public void Dispose()
    {
        _logs.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Leaders_batches_are_kept_as_they_are()
    {
        FollowerCopy copy = Follow(epoch: 3);
        byte[] batches = [.. Batch(0, 2, "a", "b"), .. Batch(2, 3, "c")];

        Assert.Equal(ErrorCode.None, Append(copy, batches, highWatermark: 2));

        Assert.Equal(new FollowerPosition(0, 3, 3), copy.Position);
        Assert.Equal(2, _partition.HighWatermark);
        Assert.Equal([new(2, 0), new(3, 2)], _partition.Log.Epochs);
        LogSlice slice = _partition.Log.Read(0, 10_000, 3, atLeastOneBatch: true);
        Assert.Equal(batches, slice.Memory.ToArray());
        slice.Lease.Dispose();
    }

    [Fact]
    public void Retired_copy_leaves_the_replica_to_the_next_one()
    {
        FollowerCopy old = Follow(epoch: 0);
        Append(old, Batch(0, 0, "a"), highWatermark: 1);

        FollowerCopy next = old.Again();
        old.Retire();
        Assert.Equal(ErrorCode.FencedLeaderEpoch, Append(old, Batch(1, 0, "b"), highWatermark: 2));
        Assert.Equal(1, next.Position.LogEndOffset);
        Assert.Equal(ErrorCode.None, Append(next, Batch(1, 0, "b"), highWatermark: 2));
    }

    [Fact]
    public void Throttled_copy_is_held_back_while_it_lags()
    {
        FollowerCopy copy = Follow(epoch: 0);
        _throttle.BytesPerSecondMax = 0;
        Append(copy, Batch(0, 0, "a"), highWatermark: 2);
        Assert.False(copy.IsHeldBack);

        _partition.Throttled = ThrottledRoles.Follower;
        Assert.False(copy.IsHeldBack);
        Append(copy, Batch(1, 0, "b"), highWatermark: 3);
        Assert.True(copy.IsHeldBack);
        Append(copy, Batch(2, 0, "c"), highWatermark: 3);
        Assert.False(copy.IsHeldBack);
    }

    [Fact]
    public void High_watermark_is_at_most_the_end_of_the_copy_and_the_start_at_most_that()
    {
        FollowerCopy copy = Follow(epoch: 0);

        Append(copy, Batch(0, 0, "a", "b"), highWatermark: 90, logStartOffset: 1);

        Assert.Equal((2, 1), (_partition.HighWatermark, _partition.Log.LogStartOffset));
    }

    [Fact]
    public void Corrupt_batches_are_not_kept()
    {
        FollowerCopy copy = Follow(epoch: 0);
        byte[] batch = Batch(0, 0, "a");
        batch[^1] ^= 1;

        Assert.Equal(ErrorCode.CorruptMessage, Append(copy, batch));
        Assert.Equal(ErrorCode.CorruptMessage, Append(copy, Batch(0, 0, "a")[..20]));
        Assert.Equal(0, copy.Position.LogEndOffset);
    }

    [Fact]
    public void Nothing_is_taken_after_the_metadata_log_said_something_newer()
    {
        FollowerCopy old = Follow(epoch: 0);
        FollowerCopy next = Follow(epoch: 1);
        Assert.Equal(ErrorCode.FencedLeaderEpoch, Append(old, Batch(0, 0, "a")));
        Assert.Equal(ErrorCode.None, Append(next, Batch(0, 1, "a")));

        Assign(Local, epoch: 2);
        Assert.Equal(ErrorCode.FencedLeaderEpoch, Append(next, Batch(1, 1, "b")));
        Assert.Equal(ErrorCode.FencedLeaderEpoch, next.TruncateTo(0, 0, NowMs));

        FollowerCopy last = Follow(epoch: 3);
        _partition.Abandon(ErrorCode.UnknownTopicOrPartition);
        Assert.Equal(ErrorCode.FencedLeaderEpoch, last.MoveInside(0, 0, NowMs));
        Assert.Equal(1, _partition.Log.LogEndOffset);
    }

    [Fact]
    public void What_the_new_leader_does_not_have_is_cut()
    {
        FollowerCopy copy = Follow(epoch: 4);
        Append(copy, [.. Batch(0, 1, "a"), .. Batch(1, 1, "b"), .. Batch(2, 4, "c")], highWatermark: 3);

        // The leader's largest epoch up to 4 is 3, which the copy does not know.
        Assert.Equal(ErrorCode.None, copy.TruncateTo(3, 10, NowMs));
        Assert.Equal(new FollowerPosition(0, 2, 1), copy.Position);
        Assert.Equal(ErrorCode.None, copy.TruncateTo(1, 1, NowMs));
        Assert.Equal(new FollowerPosition(0, 1, 1), copy.Position);
        Assert.Equal(1, _partition.HighWatermark);
    }

    [Fact]
    public void Epoch_that_was_led_without_an_append_is_forgotten()
    {
        Append(Follow(epoch: 1), Batch(0, 1, "a"));
        Assign(Local, epoch: 5);
        FollowerCopy copy = Follow(epoch: 6);
        Assert.Equal(new FollowerPosition(0, 1, 5), copy.Position);

        Assert.Equal(ErrorCode.None, copy.TruncateTo(1, 1, NowMs));

        Assert.Equal(new FollowerPosition(0, 1, 1), copy.Position);
        Assert.Equal(ErrorCode.OffsetOutOfRange, copy.TruncateTo(1, 1, NowMs));
    }

    [Fact]
    public void Copy_that_ends_before_the_leaders_log_starts_anew_there()
    {
        FollowerCopy copy = Follow(epoch: 0);
        Append(copy, Batch(0, 0, "a"));

        Assert.Equal(ErrorCode.None, copy.MoveInside(leaderStartOffset: 11, leaderEndOffset: 20, NowMs));
        Assert.Equal(new FollowerPosition(11, 11, -1), copy.Position);

        // DeleteRecords left the leader's log to start inside of a batch.
        Assert.Equal(ErrorCode.None, Append(copy, Batch(10, 0, "a", "b", "c"), highWatermark: 13, logStartOffset: 11));
        Assert.Equal(new FollowerPosition(11, 13, 0), copy.Position);
        Assert.Equal(11, _partition.View(-1, mustLead: false, ReadLimit.HighWatermark).LogStartOffset);
    }

    [Fact]
    public void Transactions_of_the_leader_are_those_of_the_copy()
    {
        FollowerCopy copy = Follow(epoch: 0);
        byte[] records = Batches.Transactional("a", "b");
        Append(copy, At(records, 0, 0), highWatermark: 2);
        Assert.Equal((2, 0), (_partition.HighWatermark, _partition.Log.LastStableOffset));

        Append(copy, At(ControlRecords.EndTransactionMarker(commit: false, producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, NowMs), 2, 0), highWatermark: 3);

        Assert.Equal(3, _partition.Log.LastStableOffset);
        Assert.Equal(1, Assert.Single(_partition.Log.AbortedTransactions(0, 3)).ProducerId);
    }

    private static byte[] Batch(long baseOffset, int epoch, params string[] values) => At(Batches.Of(values), baseOffset, epoch);

    private static byte[] At(byte[] batch, long baseOffset, int epoch)
    {
        RecordBatchEdit.SetBaseOffset(batch, baseOffset);
        RecordBatchEdit.SetPartitionLeaderEpoch(batch, epoch);
        return batch;
    }

    private static ErrorCode Append(FollowerCopy copy, byte[] batches, long highWatermark = 0, long logStartOffset = 0) => copy.Append(
        new() { Records = batches, HighWatermark = highWatermark, LogStartOffset = logStartOffset }, NowMs, out _);

    private void Assign(int leader, int epoch) => _partition.Assign(new(leader, epoch, ++_partitionEpoch, [Local, Leader], [Local, Leader]), 1, 0);

    private FollowerCopy Follow(int epoch)
    {
        Assign(Leader, epoch);
        return new(_partition, Leader, epoch, _throttle);
    }
}
