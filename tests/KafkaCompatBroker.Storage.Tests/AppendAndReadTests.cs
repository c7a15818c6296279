using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Tests;

public class AppendAndReadTests
{
    [Fact]
    public void Assigns_offsets_in_order_and_reads_them_back()
    {
        using TestLog test = TestLog.Create();
        Assert.Equal((0, 1), Offsets(test.Append(Batches.Of("a", "b"))));
        Assert.Equal((2, 2), Offsets(test.Append(Batches.Of("c"))));
        Assert.Equal(3, test.Log.LogEndOffset);
        Assert.Equal([(0, "a"), (1, "b"), (2, "c")], TestLog.ReadAll(test.Log, 0));
        Assert.Equal([(2, "c")], TestLog.ReadAll(test.Log, 2));
    }

    [Fact]
    public void Returns_the_whole_batch_when_the_offset_is_inside()
    {
        using TestLog test = TestLog.Create();
        byte[] batch = Batches.Of("a", "b", "c");
        test.Append(batch);
        Assert.Equal(batch.Length, TestLog.ReadBytes(test.Log, 1, 1_000_000).Length);
    }

    [Fact]
    public void Gives_whole_batches_within_the_limit_and_at_least_one_if_asked()
    {
        using TestLog test = TestLog.Create();
        int size = Batches.Sized(100).Length;
        for (int at = 0; at < 10; at++)
        {
            test.Append(Batches.Sized(100));
        }

        Assert.Equal(3 * size, TestLog.ReadBytes(test.Log, 0, (3 * size) + 10).Length);
        Assert.Equal(3 * size, TestLog.ReadBytes(test.Log, 0, 3 * size).Length);
        Assert.Equal(size, TestLog.ReadBytes(test.Log, 0, 5).Length);
        Assert.Equal(size, TestLog.ReadBytes(test.Log, 0, size, atLeastOneBatch: false).Length);
        Assert.Empty(TestLog.ReadBytes(test.Log, 0, size - 1, atLeastOneBatch: false));
        Assert.Equal(4 * size, TestLog.ReadBytes(test.Log, 2, 1_000_000, end: 6).Length);
        Assert.Empty(TestLog.ReadBytes(test.Log, 6, 1_000_000, end: 6));
    }

    [Fact]
    public void Refuses_offsets_outside_the_log_and_allows_its_end()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.Of("a"));
        Assert.Equal(ReadStatus.OutOfRange, test.Log.Read(2, 100, long.MaxValue, true).Status);
        Assert.Equal(ReadStatus.OutOfRange, test.Log.Read(-1, 100, long.MaxValue, true).Status);
        Assert.Empty(TestLog.ReadBytes(test.Log, 1, 100));
    }

    [Fact]
    public void Stores_nothing_of_a_batch_with_a_wrong_checksum()
    {
        using TestLog test = TestLog.Create();
        byte[] batch = Batches.Of("a");
        batch[^1] ^= 1;
        Assert.Equal(ErrorCode.CorruptMessage, test.Append(batch).Error);
        Assert.Equal(0, test.Log.LogEndOffset);
        Assert.Equal(0, test.Log.SizeBytes);
    }

    [Fact]
    public void Rolls_by_size_and_reads_across_segments()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 1000 });
        for (int at = 0; at < 40; at++)
        {
            Assert.Equal(ErrorCode.None, test.Append(Batches.Of($"value-{at}")).Error);
        }

        Assert.True(test.Log.SegmentCount > 2);
        Assert.Equal(Enumerable.Range(0, 40).Select(at => ((long)at, $"value-{at}")), TestLog.ReadAll(test.Log, 0));
    }

    [Fact]
    public void Rolls_when_record_time_has_passed_segment_ms()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentMs = 100 });
        test.Append(Batches.At(1_000, "a"));
        test.Append(Batches.At(1_100, "b"));
        Assert.Equal(1, test.Log.SegmentCount);
        test.Append(Batches.At(1_101, "c"));
        Assert.Equal(2, test.Log.SegmentCount);
        Assert.Equal(2, test.Log.ActiveSegmentBaseOffset);
    }

    [Fact]
    public void Rolls_when_the_index_is_full()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { IndexBytesMax = 48, IndexIntervalBytes = 0 });
        for (int at = 0; at < 30; at++)
        {
            test.Append(Batches.At(at, $"{at}"));
        }

        Assert.True(test.Log.SegmentCount > 3);
        Assert.Equal(30, TestLog.ReadAll(test.Log, 0).Count);
    }

    [Fact]
    public void Refuses_a_batch_that_is_larger_than_a_segment()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 100 });
        Assert.Equal(ErrorCode.RecordListTooLarge, test.Append(Batches.Sized(200)).Error);
    }

    [Fact]
    public void Keeps_batches_of_a_leader_as_they_are_with_gaps_and_epochs()
    {
        using TestLog test = TestLog.Create();
        byte[] first = Batches.Assigned(Batches.Of("a", "b"), 10, 3);
        byte[] second = Batches.Assigned(Batches.Of("c"), 20, 4);
        byte[] torn = Batches.Assigned(Batches.Of("d"), 21, 4)[..^3];
        AppendOutcome outcome = test.Log.AppendFromLeader(new byte[][] { first, second, torn }.SelectMany(bytes => bytes).ToArray(), TestLog.NowMs);
        Assert.Equal((10, 20), Offsets(outcome));
        Assert.Equal(21, test.Log.LogEndOffset);
        Assert.Equal([(10, "a"), (11, "b"), (20, "c")], TestLog.ReadAll(test.Log, 0));
        Assert.Equal([new EpochStart(3, 10), new EpochStart(4, 20)], test.Log.Epochs);
        Assert.Equal(ErrorCode.OffsetOutOfRange, test.Log.AppendFromLeader(second, TestLog.NowMs).Error);
        second[^1] ^= 1;
        Assert.Equal(ErrorCode.CorruptMessage, test.Log.AppendFromLeader(second, TestLog.NowMs).Error);
    }

    [Fact]
    public void Leases_outlive_roll_truncation_and_deletion()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 1000 });
        for (int at = 0; at < 30; at++)
        {
            test.Append(Batches.Of($"value-{at}"));
        }

        LogSlice first = test.Log.Read(0, 500, long.MaxValue, true);
        LogSlice last = test.Log.Read(28, 500, long.MaxValue, true);
        byte[] before = first.Memory.ToArray();
        test.Log.TruncateTo(28, TestLog.NowMs);
        _ = last.Memory.ToArray();
        test.Log.TruncateFullyAndStartAt(100, TestLog.NowMs);
        Assert.Equal(before, first.Memory.ToArray());
        first.Lease.Dispose();
        last.Lease.Dispose();
        Assert.Equal(100, test.Append(Batches.Of("again")).BaseOffset);
    }

    [Fact]
    public void Finds_records_by_timestamp()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 1000, IndexIntervalBytes = 100 });
        for (int at = 0; at < 60; at++)
        {
            test.Append(Batches.At(1_000 + (at * 10), $"{at}"));
        }

        Assert.Equal(0, test.Log.FindByTimestamp(0)!.Value.Offset);
        Assert.Equal(31, test.Log.FindByTimestamp(1_301)!.Value.Offset);
        Assert.Equal(new TimestampedOffset(1_310, 31, 0), test.Log.FindByTimestamp(1_310));
        Assert.Null(test.Log.FindByTimestamp(1_591));
        Assert.Equal(new TimestampedOffset(1_590, 59, 0), test.Log.MaxTimestamp());
    }

    [Fact]
    public void Max_timestamp_is_the_earliest_record_that_has_it()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.At(5, "a"));
        test.Append(Batches.At(9, "b", "c"));
        test.Append(Batches.At(9, "d"));
        test.Append(Batches.At(7, "e"));
        Assert.Equal(new TimestampedOffset(9, 1, 0), test.Log.MaxTimestamp());
        using TestLog empty = TestLog.Create();
        Assert.Null(empty.Log.MaxTimestamp());
    }

    [Fact]
    public void Answers_where_leader_epochs_end()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.Of("a", "b"), leaderEpoch: 1);
        test.Append(Batches.Of("c"), leaderEpoch: 4);
        Assert.Equal(new EpochStart(1, 2), test.Log.OffsetForEpoch(1));
        Assert.Equal(new EpochStart(1, 2), test.Log.OffsetForEpoch(3));
        Assert.Equal(new EpochStart(4, 3), test.Log.OffsetForEpoch(4));
        Assert.Equal(EpochHistory.Undefined, test.Log.OffsetForEpoch(5));
        Assert.Equal(new EpochStart(0, 0), test.Log.OffsetForEpoch(0));
    }

    [Fact]
    public void Works_the_same_without_mappings()
    {
        using TestLog test = TestLog.Create(
            TestLog.Config() with { SegmentBytes = 1000 }, path => new Files.MappedFileStore(path) { UseMapping = false });
        for (int at = 0; at < 40; at++)
        {
            test.Append(Batches.Of($"value-{at}"));
        }

        test.Log.TruncateTo(35, TestLog.NowMs);
        Assert.Equal(Enumerable.Range(0, 35).Select(at => ((long)at, $"value-{at}")), TestLog.ReadAll(test.Log, 0));
    }

    private static (long, long) Offsets(AppendOutcome outcome)
    {
        Assert.Equal(ErrorCode.None, outcome.Error);
        return (outcome.BaseOffset, outcome.LastOffset);
    }
}
