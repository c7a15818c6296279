using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Tests;

public class RecoveryTests
{
    private static readonly LogConfig Config = TestLog.Config() with { IndexIntervalBytes = 100 };

    [Fact]
    public void Cuts_a_tail_torn_at_any_byte_of_the_last_three_batches()
    {
        using var home = new TestDirectory();
        int[] ends = Write(home.Path, batches: 6);
        for (int length = ends[2]; length <= ends[5]; length++)
        {
            using TestDirectory torn = TestDirectory.CrashImageOf(home.Path);
            Resize(LogFileOf(torn.Path), length);
            using TestLog test = TestLog.Open(torn.Path, Config);
            int whole = ends.Count(end => end <= length);
            Assert.Equal(whole, test.Log.LogEndOffset);
            Assert.Equal(Expected(whole), TestLog.ReadAll(test.Log, 0));
            Assert.Equal(ErrorCode.None, test.Append(Batches.Of("next")).Error);
            Assert.Equal((whole, "next"), TestLog.ReadAll(test.Log, whole).Single());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(61)]
    [InlineData(4096)]
    [InlineData(1_500_000)]
    public void Garbage_and_zeros_behind_the_end_are_never_served(int bytes)
    {
        foreach (bool zeros in new[] { true, false })
        {
            using var home = new TestDirectory();
            int[] ends = Write(home.Path, batches: 4);
            var tail = new byte[bytes];
            if (!zeros)
            {
                new Random(bytes).NextBytes(tail);
            }

            Resize(LogFileOf(home.Path), ends[3]);
            AppendTo(LogFileOf(home.Path), tail);
            using TestLog test = TestLog.Open(home.Path, Config);
            Assert.Equal(Expected(4), TestLog.ReadAll(test.Log, 0));
            Assert.Equal(4, test.Append(Batches.Of("next")).BaseOffset);
        }
    }

    [Fact]
    public void Old_batches_behind_the_end_are_not_bridged()
    {
        using var home = new TestDirectory();
        int[] ends = Write(home.Path, batches: 4);
        byte[] old = File.ReadAllBytes(LogFileOf(home.Path))[..ends[1]];
        Resize(LogFileOf(home.Path), ends[3]);
        AppendTo(LogFileOf(home.Path), old);
        using TestLog test = TestLog.Open(home.Path, Config);
        Assert.Equal(Expected(4), TestLog.ReadAll(test.Log, 0));
    }

    [Fact]
    public void A_length_field_of_garbage_does_not_make_it_read_beyond_the_file()
    {
        using var home = new TestDirectory();
        int[] ends = Write(home.Path, batches: 4);
        byte[] bytes = File.ReadAllBytes(LogFileOf(home.Path))[..ends[3]];
        bytes[ends[2] + 8] = 0x7f;
        File.WriteAllBytes(LogFileOf(home.Path), bytes);
        using TestLog test = TestLog.Open(home.Path, Config);
        Assert.Equal(3, test.Log.LogEndOffset);
    }

    [Fact]
    public void Damage_in_an_earlier_segment_above_the_recovery_point_drops_what_follows()
    {
        using var home = new TestDirectory();
        LogConfig config = Config with { SegmentBytes = 300 };
        Write(home.Path, batches: 12, config);
        string second = Directory.GetFiles(Path.Combine(home.Path, "topic-0"), "*.log").Order().ElementAt(1);
        byte[] bytes = File.ReadAllBytes(second);
        bytes[70] ^= 1;
        File.WriteAllBytes(second, bytes);
        using TestLog test = TestLog.Open(home.Path, config);
        Assert.True(SegmentName.TryParse(Path.GetFileName(second), ".log", out long cut));
        Assert.Equal(cut, test.Log.LogEndOffset);
        Assert.Equal(Expected((int)cut), TestLog.ReadAll(test.Log, 0));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(home.Path, "topic-0"), "*.log").Length);
    }

    [Fact]
    public void Unwritten_blocks_in_an_earlier_segment_drop_what_follows_as_a_gap_would_hide_the_loss()
    {
        using var home = new TestDirectory();
        LogConfig config = Config with { SegmentBytes = 300 };
        Write(home.Path, batches: 12, config);
        string second = Directory.GetFiles(Path.Combine(home.Path, "topic-0"), "*.log").Order().ElementAt(1);
        byte[] bytes = File.ReadAllBytes(second);
        bytes.AsSpan(FirstBatchBytes(bytes)).Clear();
        File.WriteAllBytes(second, bytes);
        using TestLog test = TestLog.Open(home.Path, config);
        Assert.True(SegmentName.TryParse(Path.GetFileName(second), ".log", out long cut));
        Assert.Equal(cut + 1, test.Log.LogEndOffset);
        Assert.Equal(Expected((int)test.Log.LogEndOffset), TestLog.ReadAll(test.Log, 0));
    }

    [Fact]
    public void Epochs_of_a_past_that_was_cut_off_do_not_come_back()
    {
        using var home = new TestDirectory();
        using TestLog test = TestLog.Open(home.Path, Config);
        test.Append(Batches.Of("a"), leaderEpoch: 2);
        test.Append(Batches.Of("b"), leaderEpoch: 3);
        using TestDirectory killed = TestDirectory.CrashImageOf(home.Path);
        File.WriteAllText(Path.Combine(killed.Path, "topic-0", "leader-epoch-checkpoint"), "0\n2\n2 0\n5 1\n");
        using TestLog recovered = TestLog.Open(killed.Path, Config);
        Assert.Equal([new(2, 0), new(3, 1)], recovered.Log.Epochs);
    }

    [Fact]
    public void Damage_below_the_recovery_point_is_an_error_for_the_reader_and_never_a_silent_gap()
    {
        using var home = new TestDirectory();
        LogConfig config = Config with { SegmentBytes = 300 };
        using (TestLog test = TestLog.Open(home.Path, config))
        {
            for (int at = 0; at < 12; at++)
            {
                test.Append(Batches.Of($"value-{at}"));
            }

            test.Store.Close(clean: true);
        }

        string first = Directory.GetFiles(Path.Combine(home.Path, "topic-0"), "*.log").Order().First();
        byte[] bytes = File.ReadAllBytes(first);
        bytes[FirstBatchBytes(bytes) + 8] = 0x7f;
        File.WriteAllBytes(first, bytes);
        using TestLog reopened = TestLog.Open(home.Path, config);
        Assert.Equal("value-0", System.Text.Encoding.UTF8.GetString(TestLog.ReadBytes(reopened.Log, 0, 10)[^8..^1]));
        LogSlice slice = reopened.Log.Read(1, 1_000, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal(ReadStatus.Corrupt, slice.Status);
        Assert.True(slice.Memory.IsEmpty);
        int next = bytes.Length / FirstBatchBytes(bytes);
        Assert.Equal(Expected(12)[next..], TestLog.ReadAll(reopened.Log, next));
    }

    [Theory]
    [InlineData(".index")]
    [InlineData(".timeindex")]
    public void Index_files_that_are_missing_torn_flipped_or_doubled_cost_nothing(string suffix)
    {
        using var home = new TestDirectory();
        LogConfig config = Config with { SegmentBytes = 1_500 };
        using (TestLog test = TestLog.Open(home.Path, config))
        {
            for (int at = 0; at < 40; at++)
            {
                test.Append(Batches.At(1_000 + (at * 10), $"value-{at}"));
            }

            test.Store.Close(clean: true);
        }

        string[] files = [.. Directory.GetFiles(Path.Combine(home.Path, "topic-0"), "*" + suffix).Order().Select(file => Path.GetFileName(file))];
        foreach (string file in files)
        {
            byte[] original = File.ReadAllBytes(Path.Combine(home.Path, "topic-0", file));
            if (original.Length == 0)
            {
                continue;
            }

            List<byte[]?> edits = [null, [], original[..^1], [.. original, .. original], new byte[original.Length], new byte[65536]];
            for (int at = 0; at < original.Length; at += 4)
            {
                byte[] flipped = [.. original];
                flipped[at] ^= (byte)(1 << (at % 8));
                edits.Add(flipped);
            }

            foreach (byte[]? edit in edits)
            {
                using TestDirectory damaged = TestDirectory.CrashImageOf(home.Path);
                string path = Path.Combine(damaged.Path, "topic-0", file);
                if (edit is null)
                {
                    File.Delete(path);
                }
                else
                {
                    File.WriteAllBytes(path, edit);
                }

                using TestLog test = TestLog.Open(damaged.Path, config);
                Assert.Equal(Expected(40), TestLog.ReadAll(test.Log, 0));
                for (int offset = 0; offset < 40; offset += 3)
                {
                    Assert.Equal(Expected(40)[offset..], TestLog.ReadAll(test.Log, offset, bytesMax: 300));
                }
            }
        }
    }

    [Fact]
    public void A_damaged_producer_snapshot_is_replaced_by_replay()
    {
        using var home = new TestDirectory();
        LogConfig config = Config with { SegmentBytes = 400 };
        using (TestLog test = TestLog.Open(home.Path, config))
        {
            for (int at = 0; at < 20; at++)
            {
                test.Append(Batches.Produced(5, 0, at));
            }

            test.Store.Close(clean: true);
        }

        foreach (string snapshot in Directory.GetFiles(Path.Combine(home.Path, "topic-0"), "*.snapshot").OrderDescending().Take(2))
        {
            byte[] bytes = File.ReadAllBytes(snapshot);
            bytes[15] ^= 1;
            File.WriteAllBytes(snapshot, bytes);
        }

        using TestLog reopened = TestLog.Open(home.Path, config);
        Assert.True(reopened.Append(Batches.Produced(5, 0, 19)).IsDuplicate);
    }

    [Fact]
    public void Epochs_come_back_from_the_batches_when_the_checkpoint_is_gone()
    {
        using var home = new TestDirectory();
        using TestLog test = TestLog.Open(home.Path, Config);
        test.Append(Batches.Of("a"), leaderEpoch: 2);
        test.Append(Batches.Of("b"), leaderEpoch: 5);
        using TestDirectory killed = TestDirectory.CrashImageOf(home.Path);
        File.Delete(Path.Combine(killed.Path, "topic-0", "leader-epoch-checkpoint"));
        using TestLog recovered = TestLog.Open(killed.Path, Config);
        Assert.Equal(test.Log.Epochs, recovered.Log.Epochs);
    }

    [Fact]
    public void Only_segments_above_the_recovery_point_are_checked()
    {
        using var home = new TestDirectory();
        LogConfig config = Config with { SegmentBytes = 300 };
        using (TestLog test = TestLog.Open(home.Path, config))
        {
            for (int at = 0; at < 12; at++)
            {
                test.Append(Batches.Of($"value-{at}"));
            }

            test.Log.Flush();
            test.Store.Tick(TestLog.NowMs + 120_000);
            test.Kill();
        }

        string first = Directory.GetFiles(Path.Combine(home.Path, "topic-0"), "*.log").Order().First();
        byte[] bytes = File.ReadAllBytes(first);
        bytes[^1] ^= 1;
        File.WriteAllBytes(first, bytes);
        using TestLog reopened = TestLog.Open(home.Path, config);
        Assert.Equal(12, reopened.Log.LogEndOffset);
        Assert.Equal(12, reopened.Log.RecoveryPoint);
    }

    [Fact]
    public void A_clean_start_leaves_the_files_alone()
    {
        using var home = new TestDirectory();
        using (TestLog test = TestLog.Open(home.Path, Config))
        {
            for (int at = 0; at < 30; at++)
            {
                test.Append(Batches.Of($"value-{at}"));
            }

            test.Store.Close(clean: true, brokerEpoch: 42);
        }

        Assert.Equal("{\"version\":0,\"brokerEpoch\":42}", File.ReadAllText(Path.Combine(home.Path, ".kafka_cleanshutdown")));
        Dictionary<string, byte[]> before = Snapshot(home.Path);
        using (TestLog test = TestLog.Open(home.Path, Config))
        {
            Assert.False(File.Exists(Path.Combine(home.Path, ".kafka_cleanshutdown")));
            Assert.True(test.Store.Directories[0].WasCleanShutdown);
            Assert.Equal(42, test.Store.Directories[0].PreviousBrokerEpoch);
            Assert.Equal(30, TestLog.ReadAll(test.Log, 0).Count);
            test.Store.Close(clean: true, brokerEpoch: 42);
        }

        Assert.Equal(before, Snapshot(home.Path));
    }

    [Fact]
    public void A_clean_log_is_closed_at_its_true_size()
    {
        using var home = new TestDirectory();
        int[] ends;
        using (TestLog test = TestLog.Open(home.Path, Config))
        {
            ends = [.. Enumerable.Range(0, 5).Select(at => AppendAndMeasure(test, at))];
            Assert.True(new FileInfo(LogFileOf(home.Path)).Length > ends[4]);
            test.Store.Close(clean: true);
        }

        Assert.Equal(ends[4], new FileInfo(LogFileOf(home.Path)).Length);
    }

    [Fact]
    public void An_interrupted_compaction_is_undone_before_its_swap_and_finished_after()
    {
        using var home = new TestDirectory();
        int[] ends = Write(home.Path, batches: 4);
        string log = LogFileOf(home.Path);
        Resize(log, ends[3]);
        File.WriteAllText(log + ".cleaned", "half");
        File.WriteAllText(Path.ChangeExtension(log, ".index") + ".deleted", "old");
        using (TestLog test = TestLog.Open(home.Path, Config))
        {
            Assert.Equal(Expected(4), TestLog.ReadAll(test.Log, 0));
            test.Kill();
        }

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(log)!, "*.cleaned"));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(log)!, "*.deleted"));

        File.WriteAllBytes(log + ".swap", File.ReadAllBytes(log)[ends[0]..ends[3]]);
        using TestLog swapped = TestLog.Open(home.Path, Config);
        Assert.Equal(Expected(4)[1..], TestLog.ReadAll(swapped.Log, 0));
    }

    private static int[] Write(string path, int batches, LogConfig? config = null)
    {
        using TestLog test = TestLog.Open(path, config ?? Config);
        int[] ends = [.. Enumerable.Range(0, batches).Select(at => AppendAndMeasure(test, at))];
        test.Kill();
        return ends;
    }

    private static int AppendAndMeasure(TestLog test, int at)
    {
        Assert.Equal(ErrorCode.None, test.Append(Batches.Of($"value-{at}")).Error);
        return (int)test.Log.SizeBytes;
    }

    private static List<(long, string)> Expected(int count) => [.. Enumerable.Range(0, count).Select(at => ((long)at, $"value-{at}"))];

    private static int FirstBatchBytes(byte[] segment) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(segment.AsSpan(8)) + 12;

    private static string LogFileOf(string path) => Path.Combine(path, "topic-0", SegmentName.Of(0, ".log"));

    private static void Resize(string path, long length)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static void AppendTo(string path, byte[] bytes)
    {
        using FileStream file = new(path, FileMode.Append);
        file.Write(bytes);
    }

    private static Dictionary<string, byte[]> Snapshot(string path)
        => Directory.GetFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))
            .ToDictionary(file => Path.GetRelativePath(path, file), File.ReadAllBytes);
}
