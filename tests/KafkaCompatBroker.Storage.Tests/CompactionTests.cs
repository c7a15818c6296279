using System.Text;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Compaction;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Tests;

public class CompactionTests
{
    private const long Day = 24 * 3600_000L;

    [Fact]
    public void The_latest_value_of_each_key_stays_at_its_offset()
    {
        using TestLog test = TestLog.Create(Config());
        for (int at = 0; at < 40; at++)
        {
            test.Append(Keyed.Batch($"key-{at % 4}", $"value-{at}"));
        }

        Assert.True(Clean(test));
        List<Kept> left = Keyed.ReadAll(test.Log);
        long active = test.Log.ActiveSegmentBaseOffset;
        Assert.Equal((0, 40), (test.Log.LogStartOffset, test.Log.LogEndOffset));
        Assert.Equal([active - 4, active - 3, active - 2, active - 1], left.Where(record => record.Offset < active).Select(record => record.Offset));
        Assert.All(left, record => Assert.Equal(($"key-{record.Offset % 4}", $"value-{record.Offset}"), (record.Key, record.Value)));
        Assert.Equal(active, test.Log.CleanedUpTo);
        Assert.False(Clean(test));
    }

    [Fact]
    public void Small_segments_become_one()
    {
        using TestLog test = TestLog.Create(Config());
        for (int at = 0; at < 60; at++)
        {
            test.Append(Keyed.Batch($"key-{at % 3}", $"value-{at}"));
        }

        int before = test.Log.SegmentCount;
        test.Log.Config = test.Log.Config with { SegmentBytes = 1_000_000 };
        Assert.True(Clean(test));
        Assert.True(before > 10);
        Assert.Equal(2, test.Log.SegmentCount);
        Assert.Equal(2, Directory.GetFiles(test.LogPath, "*.log").Length);
        test.Store.Tick(TestLog.NowMs + 61_000);
        Assert.Empty(Directory.GetFiles(test.LogPath, "*.deleted"));
        Assert.Equal(60, Keyed.ReadAll(test.Log)[^1].Offset + 1);
    }

    [Fact]
    public void Every_batch_of_a_compressed_log_can_be_read_back()
    {
        using TestLog test = TestLog.Create(Config() with { SegmentBytes = 2_000 });
        CompressionType[] codecs = [CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd, CompressionType.None];
        for (int at = 0; at < 100; at++)
        {
            var options = new RecordBatchOptions { Codec = codecs[at % codecs.Length] };
            test.Append(Keyed.Batch(options, ($"a-{at % 7}", $"first-{at}"), ($"b-{at % 30}", $"second-{at}"), ($"only-{at}", new string('x', at))));
        }

        Assert.True(Clean(test));
        List<Kept> left = Keyed.ReadAll(test.Log);
        long active = test.Log.ActiveSegmentBaseOffset;
        Assert.Equal(100, left.Count(record => record.Key!.StartsWith("only", StringComparison.Ordinal)));
        Assert.Equal(30, left.Where(record => record.Key![0] == 'b').Select(record => record.Key).Distinct().Count());
        Assert.True(left.Count(record => record.Offset < active) < active);
        Assert.All(left, record => Assert.EndsWith(record.Value!.Length > 0 && record.Value[0] != 'x' ? (record.Offset / 3).ToString() : "", record.Value));
    }

    [Fact]
    public void Tombstones_hide_older_values_and_go_themselves_after_the_retention()
    {
        using TestLog test = TestLog.Create(Config() with { DeleteRetentionMs = Day });
        test.Append(Keyed.Batch("gone", "old"));
        test.Append(Keyed.Batch("gone", null));
        Fill(test, "filler", 10);
        Assert.True(Clean(test));
        Assert.Equal([(1, null)], Keyed.ReadAll(test.Log).Where(record => record.Key == "gone").Select(record => (record.Offset, record.Value)));

        Fill(test, "filler", 10);
        Assert.True(Clean(test, TestLog.NowMs + Day - 1));
        Assert.Contains(Keyed.ReadAll(test.Log), record => record.Key == "gone");
        Fill(test, "filler", 10);
        Assert.True(Clean(test, TestLog.NowMs + Day));
        Assert.DoesNotContain(Keyed.ReadAll(test.Log), record => record.Key == "gone");
    }

    [Fact]
    public void Timestamps_of_a_batch_with_a_delete_horizon_are_those_that_were_sent()
    {
        using TestLog test = TestLog.Create(Config());
        test.Append(Keyed.Batch(new RecordBatchOptions(), ("a", "kept"), ("b", null)));
        Fill(test, "filler", 10);
        Assert.True(Clean(test));
        Assert.Equal([1_000, 1_001], Keyed.ReadAll(test.Log).Take(2).Select(record => record.TimestampMs));
    }

    [Fact]
    public void Records_of_aborted_transactions_go_and_do_not_hide_what_was_committed()
    {
        using TestLog test = TestLog.Create(Config() with { DeleteRetentionMs = Day });
        test.Append(Keyed.Batch("key", "committed"));
        test.Append(Keyed.Batch(Transactional(7, 0), ("key", "aborted"), ("other", "aborted")));
        test.Append(Batches.Marker(commit: false, 7, 0), origin: AppendOrigin.Coordinator);
        test.Append(Keyed.Batch(Transactional(7, 2), ("more", "committed too")));
        test.Append(Batches.Marker(commit: true, 7, 0), origin: AppendOrigin.Coordinator);
        Fill(test, "filler", 10);
        Assert.Equal((1, 3), Range(Assert.Single(test.Log.AbortedTransactions(0, 100))));

        Assert.True(Clean(test));
        Assert.Equal([(0, "committed"), (4, "committed too")], Keyed.ReadAll(test.Log).Where(record => record.Offset < 6 && record.Key is not null).Select(record => (record.Offset, record.Value!)));
        Assert.Equal([3, 5], Keyed.ReadAll(test.Log).Where(record => record.Key is null).Select(record => record.Offset));
        Assert.Equal((1, 3), Range(Assert.Single(test.Log.AbortedTransactions(0, 100))));

        Fill(test, "filler", 10);
        Assert.True(Clean(test, TestLog.NowMs + 1));
        Fill(test, "filler", 10);
        Assert.True(Clean(test, TestLog.NowMs + 1 + Day));
        Assert.Equal([5], Keyed.ReadAll(test.Log).Where(record => record.Key is null).Select(record => record.Offset));
        Assert.Empty(test.Log.AbortedTransactions(0, 100));
    }

    [Fact]
    public void Nothing_of_an_open_transaction_is_touched()
    {
        using TestLog test = TestLog.Create(Config());
        test.Append(Keyed.Batch(Transactional(7, 0), ("key", "open")));
        Fill(test, "key", 20);
        test.Log.UpdateHighWatermark(test.Log.LogEndOffset);
        Assert.False(test.Store.CleanNext(new CleanerOptions(), TestLog.NowMs));
        Assert.Equal(21, Keyed.ReadAll(test.Log).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_producer_goes_on_where_it_was_although_its_last_batch_is_superseded(bool clean)
    {
        using var home = new TestDirectory();
        using (TestLog test = TestLog.Open(home.Path, Config()))
        {
            test.Append(Keyed.Batch(new RecordBatchOptions { ProducerId = 9, ProducerEpoch = 1, BaseSequence = 0 }, ("key", "first")));
            test.Append(Keyed.Batch(new RecordBatchOptions { ProducerId = 9, ProducerEpoch = 1, BaseSequence = 1 }, ("key", "second"), ("key", "third")));
            Fill(test, "key", 20);
            Assert.True(Clean(test));
            Assert.DoesNotContain(Keyed.ReadAll(test.Log), record => record.Offset < 3);
            test.Store.Close(clean);
        }

        foreach (string snapshot in Directory.GetFiles(Path.Combine(home.Path, "topic-0"), "*.snapshot"))
        {
            File.Delete(snapshot);
        }

        using TestLog reopened = TestLog.Open(home.Path, Config());
        ProducerRecord producer = Assert.Single(reopened.Log.Producers.Active());
        Assert.Equal((9L, (short)1, 2, 2L), (producer.ProducerId, producer.ProducerEpoch, producer.LastSequence, producer.LastOffset));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Next(9).Error);
        Assert.Equal(ErrorCode.None, Next(3).Error);

        AppendOutcome Next(int sequence)
            => reopened.Append(Keyed.Batch(new RecordBatchOptions { ProducerId = 9, ProducerEpoch = 1, BaseSequence = sequence }, ("key", "next")));
    }

    [Fact]
    public void A_marker_of_which_only_the_header_is_left_opens_no_transaction()
    {
        using var home = new TestDirectory();
        using (TestLog test = TestLog.Open(home.Path, Config() with { DeleteRetentionMs = 0 }))
        {
            test.Append(Keyed.Batch(Transactional(7, 0), ("key", "aborted")));
            test.Append(Batches.Marker(commit: false, 7, 1), origin: AppendOrigin.Coordinator);
            Fill(test, "key", 10);
            for (int round = 0; round < 3; round++)
            {
                Assert.True(Clean(test, TestLog.NowMs + round));
                Fill(test, "key", 10);
            }

            Assert.DoesNotContain(Keyed.ReadAll(test.Log), record => record.Key is null);
            Assert.Equal((short)1, Assert.Single(Keyed.Headers(test.Log), header => header.IsControl).ProducerEpoch);
            test.Kill();
        }

        foreach (string snapshot in Directory.GetFiles(Path.Combine(home.Path, "topic-0"), "*.snapshot"))
        {
            File.Delete(snapshot);
        }

        using TestLog reopened = TestLog.Open(home.Path, Config());
        reopened.Log.UpdateHighWatermark(reopened.Log.LogEndOffset);
        Assert.Equal(reopened.Log.LogEndOffset, reopened.Log.LastStableOffset);
        Assert.False(reopened.Log.Producers.HasOngoingTransaction(7));
    }

    [Fact]
    public void Young_segments_wait_for_the_compaction_lag()
    {
        using TestLog test = TestLog.Create(Config() with { MinCompactionLagMs = 10_000 });
        for (int at = 0; at < 20; at++)
        {
            test.Append(Keyed.At(TestLog.NowMs + (at * 1_000), "key", $"value-{at}"));
        }

        Assert.False(Clean(test, TestLog.NowMs + 9_000));
        Assert.True(Clean(test, TestLog.NowMs + 15_000));
        Assert.InRange(test.Log.CleanedUpTo, 2, 6);
    }

    [Fact]
    public void A_log_that_is_hardly_dirty_waits_unless_the_longest_lag_is_over()
    {
        using TestLog test = TestLog.Create(Config() with { MaxCompactionLagMs = Day });
        for (int at = 0; at < 40; at++)
        {
            test.Append(Keyed.At(TestLog.NowMs, $"key-{at}", "value"));
        }

        Assert.True(Clean(test));
        for (int at = 0; at < 8; at++)
        {
            test.Append(Keyed.At(TestLog.NowMs, $"key-{at}", "value"));
        }

        Assert.False(Clean(test));
        Assert.False(Clean(test, TestLog.NowMs + Day));
        Assert.True(Clean(test, TestLog.NowMs + Day + 1));
    }

    [Fact]
    public void The_longest_lag_makes_segments_roll_in_time()
    {
        using TestLog test = TestLog.Create(Config() with { SegmentBytes = 1_000_000, MaxCompactionLagMs = 1_000 });
        test.Append(Keyed.At(TestLog.NowMs, "key", "first"));
        test.Append(Keyed.At(TestLog.NowMs + 1_001, "key", "second"));
        Assert.Equal(2, test.Log.SegmentCount);
    }

    [Fact]
    public void A_table_of_keys_that_fills_up_means_more_rounds()
    {
        using TestLog test = TestLog.Create(Config() with { MinCleanableDirtyRatio = 0, SegmentBytes = 1_500 });
        for (int at = 0; at < 200; at++)
        {
            test.Append(Keyed.Batch($"key-{at % 100}", $"value-{at}"));
        }

        test.Log.UpdateHighWatermark(test.Log.LogEndOffset);
        var options = new CleanerOptions { DedupeBufferBytes = 30 * KeyOffsets.SlotBytes };
        int rounds = 0;
        while (test.Store.CleanNext(options, TestLog.NowMs))
        {
            rounds++;
        }

        Assert.True(rounds > 3);
        Assert.Equal(test.Log.ActiveSegmentBaseOffset, test.Log.CleanedUpTo);
        List<Kept> left = Keyed.ReadAll(test.Log);
        Assert.Equal(100, left.Count(record => record.Offset < test.Log.ActiveSegmentBaseOffset));
        Assert.Equal(100, left.Select(record => record.Key).Distinct().Count());
    }

    [Fact]
    public void How_far_a_log_is_clean_survives_restarts_and_goes_back_with_a_truncation()
    {
        using var home = new TestDirectory();
        long cleaned;
        using (TestLog test = TestLog.Open(home.Path, Config()))
        {
            Fill(test, "key", 40);
            Assert.True(Clean(test));
            cleaned = test.Log.CleanedUpTo;
            test.Kill();
        }

        Assert.Equal($"0\n1\ntopic 0 {cleaned}\n", File.ReadAllText(Path.Combine(home.Path, OffsetCheckpoint.CleanerFile)));
        using TestLog reopened = TestLog.Open(home.Path, Config());
        Assert.Equal(cleaned, reopened.Log.CleanedUpTo);
        reopened.Log.TruncateTo(cleaned - 1, TestLog.NowMs);
        Assert.InRange(reopened.Log.CleanedUpTo, 0, cleaned - 1);
    }

    [Fact]
    public void A_damaged_segment_is_left_alone_and_does_not_hold_up_other_logs()
    {
        using TestLog test = TestLog.Create(Config());
        Fill(test, "key", 40);
        test.Log.Flush();
        using (FileStream file = File.Open(Path.Combine(test.LogPath, SegmentName.Of(0, SegmentName.LogSuffix)), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Position = 70;
            file.WriteByte(0xFF);
        }

        PartitionLog other = test.Store.GetOrCreate(new Protocol.Types.TopicPartition("other", 0), TestLog.TopicId, Config());
        for (int at = 0; at < 10; at++)
        {
            other.Append(Keyed.Batch("key", $"value-{at}"), new AppendContext(0, AppendOrigin.Client, TestLog.NowMs));
        }

        other.UpdateHighWatermark(other.LogEndOffset);
        test.Log.UpdateHighWatermark(test.Log.LogEndOffset);
        while (test.Store.CleanNext(new CleanerOptions(), TestLog.NowMs))
        {
        }

        Assert.Equal((0, other.ActiveSegmentBaseOffset), (test.Log.CleanedUpTo, other.CleanedUpTo));
        Assert.Empty(Directory.GetFiles(test.LogPath, "*.cleaned"));
        Assert.False(test.Log.IsOffline);
    }

    [Fact]
    public void Reading_goes_on_over_the_gaps()
    {
        using TestLog test = TestLog.Create(Config() with { SegmentBytes = 400 });
        Fill(test, "key", 50);
        Assert.True(Clean(test));
        long active = test.Log.ActiveSegmentBaseOffset;
        for (long from = 0; from < active; from++)
        {
            Assert.Equal(active - 1, Keyed.ReadAll(test.Log, from)[0].Offset);
        }

        Assert.Equal(active - 1, test.Log.FindByTimestamp(0)!.Value.Offset);
    }

    private static LogConfig Config() => TestLog.Config() with { SegmentBytes = 160, IsCompacted = true, IsDeleted = false, IndexIntervalBytes = 100 };

    private static RecordBatchOptions Transactional(long producerId, int sequence)
        => new() { ProducerId = producerId, ProducerEpoch = 0, BaseSequence = sequence, IsTransactional = true };

    private static (long First, long Last) Range(AbortedTransaction transaction) => (transaction.FirstOffset, transaction.LastOffset);

    private static void Fill(TestLog test, string key, int count)
    {
        for (int at = 0; at < count; at++)
        {
            Assert.Equal(ErrorCode.None, test.Append(Keyed.Batch(key, $"value-{at}")).Error);
        }
    }

    private static bool Clean(TestLog test, long nowMs = TestLog.NowMs)
    {
        test.Log.UpdateHighWatermark(test.Log.LogEndOffset);
        return test.Store.CleanNext(new CleanerOptions(), nowMs);
    }
}
