using KafkaCompatBroker.Protocol.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>Copies of logs on their way to another directory.</summary>
public class FutureLogTests
{
    [Fact]
    public void A_copy_with_everything_takes_the_place_of_the_log()
    {
        using var disks = new TwoDisks();
        using LogStore store = disks.Open();
        PartitionLog source = TwoDisks.Fill(store, 20);
        PartitionLog copy = store.Futures.Begin(source, store.Directories[1], TestLog.NowMs);
        Assert.Matches("^topic-0\\.[0-9a-f]{32}-future$", Path.GetFileName(copy.DirectoryPath));
        CopyAll(source, copy);
        PartitionLog promoted = store.Futures.Promote(source, store.Directories[1], TestLog.NowMs);
        Assert.Same(promoted, store.Find(TestLog.Partition));
        Assert.Empty(store.Futures.All);
        Assert.Equal(disks.Second.Path, promoted.LogDirectory);
        Assert.Equal((20, 20, source.TopicId), (promoted.LogEndOffset, promoted.HighWatermark, promoted.TopicId));
        Assert.Equal(20, TestLog.ReadAll(promoted, 0).Count);
        Assert.Equal(20, promoted.Append(Batches.Of("next"), new AppendContext(0, Policies.AppendOrigin.Client, TestLog.NowMs)).BaseOffset);
        Assert.EndsWith("-delete", Assert.Single(Directory.GetDirectories(disks.First.Path)));
        store.Close(clean: true);

        using LogStore again = disks.Open();
        Assert.Equal((disks.Second.Path, 21), (again.Find(TestLog.Partition)!.LogDirectory, again.Find(TestLog.Partition)!.LogEndOffset));
    }

    [Fact]
    public void A_copy_starts_where_the_log_starts()
    {
        using var disks = new TwoDisks();
        using LogStore store = disks.Open();
        PartitionLog source = TwoDisks.Fill(store, 20);
        source.AdvanceLogStartOffset(7);
        PartitionLog copy = store.Futures.Begin(source, store.Directories[1], TestLog.NowMs);
        CopyAll(source, copy);
        PartitionLog promoted = store.Futures.Promote(source, store.Directories[1], TestLog.NowMs);
        Assert.Equal((7, 20), (promoted.LogStartOffset, promoted.LogEndOffset));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_restart_finds_a_copy_that_is_on_its_way(bool clean)
    {
        using var disks = new TwoDisks();
        using (LogStore store = disks.Open())
        {
            PartitionLog source = TwoDisks.Fill(store, 20);
            PartitionLog copy = store.Futures.Begin(source, store.Directories[1], TestLog.NowMs);
            copy.AppendFromLeader(TestLog.ReadBytes(source, 0, 600), TestLog.NowMs);
            store.Close(clean);
        }

        using LogStore again = disks.Open();
        PartitionLog found = Assert.Single(again.Futures.All);
        PartitionLog current = again.Find(TestLog.Partition)!;
        Assert.Equal((disks.First.Path, disks.Second.Path), (current.LogDirectory, found.LogDirectory));
        Assert.InRange(found.LogEndOffset, 1, 19);
        CopyAll(current, found);
        again.Futures.Promote(current, again.Directories[1], TestLog.NowMs);
        Assert.Equal(20, TestLog.ReadAll(again.Find(TestLog.Partition)!, 0).Count);
    }

    [Fact]
    public void A_copy_goes_with_its_topic_and_a_move_can_be_given_up()
    {
        using var disks = new TwoDisks();
        using LogStore store = disks.Open();
        PartitionLog source = TwoDisks.Fill(store, 5);
        store.Futures.Begin(source, store.Directories[1], TestLog.NowMs);
        store.Futures.Drop(TestLog.Partition);
        Assert.EndsWith("-delete", Assert.Single(Directory.GetDirectories(disks.Second.Path)));
        store.Futures.Begin(source, store.Directories[1], TestLog.NowMs);
        store.Delete(TestLog.Partition);
        Assert.Empty(store.Futures.All);
        Assert.All(Directory.GetDirectories(disks.Second.Path), path => Assert.EndsWith("-delete", path));
    }

    [Fact]
    public void A_copy_of_a_log_that_is_not_here_is_left_alone()
    {
        using var disks = new TwoDisks();
        string orphan = Path.Combine(disks.Second.Path, "topic-0.0123456789abcdef0123456789abcdef-future");
        Directory.CreateDirectory(orphan);
        using LogStore store = disks.Open();
        Assert.Empty(store.Futures.All);
        Assert.True(Directory.Exists(orphan));
    }

    private static void CopyAll(PartitionLog source, PartitionLog copy)
    {
        while (copy.LogEndOffset < source.LogEndOffset)
        {
            Assert.Equal(ErrorCode.None, copy.AppendFromLeader(TestLog.ReadBytes(source, copy.LogEndOffset, 200), TestLog.NowMs).Error);
        }
    }

    private sealed class TwoDisks : IDisposable
    {
        public TestDirectory First { get; } = new();

        public TestDirectory Second { get; } = new();

        public LogStore Open()
        {
            var store = LogStore.Open(new LogStoreOptions { Directories = [First.Path, Second.Path] }, TimeProvider.System, NullLogger.Instance);
            store.Load(_ => TestLog.Config() with { SegmentBytes = 400 });
            return store;
        }

        public static PartitionLog Fill(LogStore store, int count)
        {
            PartitionLog log = store.GetOrCreate(TestLog.Partition, TestLog.TopicId, TestLog.Config() with { SegmentBytes = 400 }, store.Directories[0]);
            for (int at = 0; at < count; at++)
            {
                log.Append(Batches.Of($"value-{at}"), new AppendContext(0, Policies.AppendOrigin.Client, TestLog.NowMs));
            }

            log.UpdateHighWatermark(log.LogEndOffset);
            return log;
        }

        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
        }
    }
}
