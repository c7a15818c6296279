using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage.Tests;

public class RetentionTests
{
    [Fact]
    public void Old_segments_go_by_the_time_of_their_records_the_active_one_too()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 150, RetentionMs = 1_000 });
        for (int at = 0; at < 5; at++)
        {
            test.Append(Batches.At(TestLog.NowMs + (at * 1_000), new string('x', 50)));
        }

        test.Log.UpdateHighWatermark(5);
        Assert.Equal(0, test.Log.DeleteOldSegments(TestLog.NowMs + 1_000));
        Assert.Equal(1, test.Log.DeleteOldSegments(TestLog.NowMs + 1_001));
        Assert.Equal(1, test.Log.LogStartOffset);
        Assert.Equal(4, test.Log.DeleteOldSegments(TestLog.NowMs + 100_000));
        Assert.Equal((5, 5), (test.Log.LogStartOffset, test.Log.LogEndOffset));
        Assert.Equal(5, test.Append(Batches.Of("next")).BaseOffset);
    }

    [Fact]
    public void Nothing_above_the_high_watermark_is_deleted()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 150, RetentionMs = 0 });
        for (int at = 0; at < 5; at++)
        {
            test.Append(Batches.Sized(50));
        }

        Assert.Equal(0, test.Log.DeleteOldSegments(TestLog.NowMs));
        test.Log.UpdateHighWatermark(2);
        Assert.Equal(2, test.Log.DeleteOldSegments(TestLog.NowMs));
    }

    [Fact]
    public void Size_is_kept_at_or_above_retention_bytes()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 150 });
        for (int at = 0; at < 10; at++)
        {
            test.Append(Batches.Sized(50));
        }

        long one = test.Log.SizeBytes / 10;
        test.Log.UpdateHighWatermark(10);
        test.Log.Config = test.Log.Config with { RetentionBytes = one * 4 };
        Assert.Equal(6, test.Log.DeleteOldSegments(TestLog.NowMs));
        Assert.Equal(one * 4, test.Log.SizeBytes);
    }

    [Fact]
    public void Deleted_files_stay_for_the_delay_under_another_name()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 150, FileDeleteDelayMs = 60_000 });
        for (int at = 0; at < 4; at++)
        {
            test.Append(Batches.Sized(50));
        }

        test.Log.Flush();
        test.Log.UpdateHighWatermark(4);
        Assert.True(test.Log.AdvanceLogStartOffset(2));
        Assert.False(test.Log.AdvanceLogStartOffset(5));
        Assert.Equal(ReadStatus.OutOfRange, test.Log.Read(1, 100, long.MaxValue, true).Status);
        Assert.Equal(2, test.Log.DeleteOldSegments(TestLog.NowMs));
        Assert.Equal(2, Directory.GetFiles(test.LogPath, "*.log.deleted").Length);
        Assert.Equal(2, Directory.GetFiles(test.LogPath, "*.log").Length);
        test.Store.Tick(TestLog.NowMs + 59_999);
        Assert.Equal(2, Directory.GetFiles(test.LogPath, "*.log.deleted").Length);
        test.Store.Tick(TestLog.NowMs + 61_000);
        Assert.Empty(Directory.GetFiles(test.LogPath, "*.deleted"));
    }

    [Fact]
    public void A_log_start_inside_a_segment_survives_restarts()
    {
        using var home = new TestDirectory();
        using (TestLog test = TestLog.Open(home.Path))
        {
            test.Append(Batches.Of("a", "b", "c"));
            test.Log.UpdateHighWatermark(3);
            test.Log.AdvanceLogStartOffset(2);
            test.Store.Close(clean: true);
        }

        Assert.Equal("0\n1\ntopic 0 2\n", File.ReadAllText(Path.Combine(home.Path, "log-start-offset-checkpoint")));
        using TestLog reopened = TestLog.Open(home.Path);
        Assert.Equal((2, 3, 3), (reopened.Log.LogStartOffset, reopened.Log.LogEndOffset, reopened.Log.HighWatermark));
        Assert.Equal([(2, "c")], TestLog.ReadAll(reopened.Log, 2));
        Assert.Equal(new EpochStart(0, 2), Assert.Single(reopened.Log.Epochs));
    }

    [Fact]
    public void Compacted_topics_lose_nothing_to_retention()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 150, RetentionMs = 0, RetentionBytes = 0, IsDeleted = false, IsCompacted = false });
        for (int at = 0; at < 5; at++)
        {
            test.Append(Batches.Sized(50));
        }

        test.Log.UpdateHighWatermark(5);
        Assert.Equal(0, test.Log.DeleteOldSegments(TestLog.NowMs));
    }

    [Fact]
    public void Truncation_goes_back_to_a_batch_boundary_and_forgets_epochs()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 400 });
        for (int at = 0; at < 12; at++)
        {
            test.Append(Batches.Of($"{at}a", $"{at}b"), leaderEpoch: at / 4);
        }

        test.Log.UpdateHighWatermark(24);
        test.Log.TruncateTo(17, TestLog.NowMs);
        Assert.Equal(16, test.Log.LogEndOffset);
        Assert.Equal(16, test.Log.HighWatermark);
        Assert.Equal([new EpochStart(0, 0), new EpochStart(1, 8)], test.Log.Epochs);
        Assert.Equal(16, test.Append(Batches.Of("new"), leaderEpoch: 9).BaseOffset);
        Assert.Equal("new", TestLog.ReadAll(test.Log, 14)[^1].Value);
        test.Log.TruncateTo(100, TestLog.NowMs);
        Assert.Equal(17, test.Log.LogEndOffset);
    }
}
