using KafkaCompatBroker.Storage.Compaction;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>Compaction that is interrupted: at every change of the directory, by a full disk, by an error of the disk, by the end of the broker.</summary>
public class CompactionCrashTests
{
    [Theory]
    [InlineData(160)]
    [InlineData(100_000)]
    public void A_crash_at_any_step_leaves_every_latest_value(int segmentBytesAfter)
    {
        using var home = new TestDirectory();
        var images = new List<TestDirectory>();
        try
        {
            FaultyFileStore? steps = null;
            using (TestLog test = TestLog.Create(Config(), path => steps = new FaultyFileStore(path)))
            {
                Fill(test, 24);
                test.Log.Config = test.Log.Config with { SegmentBytes = segmentBytesAfter };
                steps!.BeforeChange = () => images.Add(TestDirectory.CrashImageOf(test.Path));
                Assert.True(test.Store.CleanNext(new CleanerOptions(), TestLog.NowMs));
                steps.BeforeChange = null;
                images.Add(TestDirectory.CrashImageOf(test.Path));
            }

            Assert.True(images.Count > 10);
            foreach (TestDirectory image in images)
            {
                CheckAfterRestart(image.Path);
            }
        }
        finally
        {
            images.ForEach(image => image.Dispose());
        }
    }

    [Fact]
    public void A_full_disk_leaves_the_log_as_it_was_and_a_later_round_succeeds()
    {
        FaultyFileStore? disk = null;
        using TestLog test = TestLog.Create(Config(), path => disk = new FaultyFileStore(path));
        Fill(test, 24);
        disk!.IsFull = true;
        Assert.False(test.Store.CleanNext(new CleanerOptions(), TestLog.NowMs));
        Assert.Equal(24, Keyed.ReadAll(test.Log).Count);
        Assert.False(test.Log.IsOffline);
        disk.IsFull = false;
        Assert.Empty(Directory.GetFiles(test.LogPath, "*.cleaned"));
        Assert.True(test.Store.CleanNext(new CleanerOptions(), TestLog.NowMs));
        Assert.True(Keyed.ReadAll(test.Log).Count < 10);
    }

    [Fact]
    public void A_failed_flush_fences_the_directory_and_replaces_nothing()
    {
        FaultyFileStore? disk = null;
        using TestLog test = TestLog.Create(Config(), path => disk = new FaultyFileStore(path));
        Fill(test, 24);
        disk!.FailsFlush = true;
        test.Store.CleanNext(new CleanerOptions(), TestLog.NowMs);
        Assert.True(test.Log.IsOffline);
        Assert.Equal(24, Keyed.ReadAll(test.Log).Count);
        Assert.Equal(0, test.Log.CleanedUpTo);
    }

    [Fact]
    public void A_log_that_is_truncated_under_a_round_keeps_what_the_truncation_left()
    {
        FaultyFileStore? steps = null;
        using TestLog test = TestLog.Create(Config(), path => steps = new FaultyFileStore(path));
        Fill(test, 24);
        steps!.BeforeChange = () =>
        {
            // Before the first new segment is complete.
            steps.BeforeChange = null;
            test.Log.TruncateTo(3, TestLog.NowMs);
        };
        test.Store.CleanNext(new CleanerOptions(), TestLog.NowMs);
        Assert.Equal([0, 1, 2], Keyed.ReadAll(test.Log).Select(record => record.Offset));
        Assert.Equal((3, 0), (test.Log.LogEndOffset, test.Log.CleanedUpTo));
        Assert.Equal(3, test.Append(Keyed.Batch("key-0", "next")).BaseOffset);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_topic_that_is_deleted_under_a_round_harms_nobody_else(int changesBefore)
    {
        FaultyFileStore? steps = null;
        using TestLog test = TestLog.Create(Config(), path => steps = new FaultyFileStore(path));
        Fill(test, 24);
        int changes = 0;
        steps!.BeforeChange = () =>
        {
            if (changes++ == changesBefore)
            {
                steps.BeforeChange = null;
                test.Store.Delete(TestLog.Partition);
            }
        };
        test.Store.CleanNext(new CleanerOptions(), TestLog.NowMs);
        Assert.True(changes > changesBefore);
        Assert.Null(test.Store.Directories[0].Failure);
    }

    [Fact]
    public void Appends_and_reads_go_on_while_the_cleaner_runs()
    {
        using TestLog test = TestLog.Create(Config() with { SegmentBytes = 2_000, MinCleanableDirtyRatio = 0 });
        test.Store.StartCleaner(() => new CleanerOptions { BackoffMs = 0, Threads = 2 });
        for (int at = 0; at < 3_000; at++)
        {
            Assert.Equal(at, test.Append(Keyed.Batch($"key-{at % 5}", $"value-{at}")).BaseOffset);
            test.Log.UpdateHighWatermark(at + 1);
            if (at % 100 == 99)
            {
                List<Kept> left = Keyed.ReadAll(test.Log);
                Assert.Equal(Enumerable.Range(at - 4, 5).Select(offset => (long)offset), left.TakeLast(5).Select(record => record.Offset));
                Assert.All(left, record => Assert.Equal($"value-{record.Offset}", record.Value));
            }
        }
    }

    private static LogConfig Config()
        => TestLog.Config() with { SegmentBytes = 160, IsCompacted = true, IsDeleted = false, IndexIntervalBytes = 100, FileDeleteDelayMs = 60_000 };

    private static void Fill(TestLog test, int count)
    {
        for (int at = 0; at < count; at++)
        {
            test.Append(Keyed.Batch($"key-{at % 4}", $"value-{at}"));
        }

        test.Log.Flush();
        test.Log.UpdateHighWatermark(test.Log.LogEndOffset);
    }

    private static void CheckAfterRestart(string path)
    {
        using TestLog reopened = TestLog.Open(path, Config());
        Assert.Equal(24, reopened.Log.LogEndOffset);
        List<Kept> left = Keyed.ReadAll(reopened.Log);
        Assert.Equal([20, 21, 22, 23], left.TakeLast(4).Select(record => record.Offset));
        Assert.All(left, record => Assert.Equal($"value-{record.Offset}", record.Value));
        string[] names = [.. Directory.GetFiles(reopened.LogPath).Select(file => Path.GetExtension(file))];
        Assert.DoesNotContain(".swap", names);
        Assert.DoesNotContain(".cleaned", names);
        Assert.DoesNotContain(".deleted", names);
        reopened.Log.UpdateHighWatermark(24);
        while (reopened.Store.CleanNext(new CleanerOptions(), TestLog.NowMs))
        {
        }

        Assert.Equal(24, reopened.Log.LogEndOffset);
        Assert.Equal([20, 21, 22, 23], Keyed.ReadAll(reopened.Log).TakeLast(4).Select(record => record.Offset));
    }
}
