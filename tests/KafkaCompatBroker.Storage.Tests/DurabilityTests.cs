using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>What may be called durable: the recovery point never says more than is on the device, whatever happens around a flush.</summary>
public class DurabilityTests
{
    [Fact]
    public void After_a_flush_that_failed_a_later_one_that_succeeds_counts_for_nothing()
    {
        FaultyFileStore? disk = null;
        using TestLog test = TestLog.Create(makeFileStore: path => disk = new FaultyFileStore(path));
        test.Append(Batches.Of("lost by the device"));
        disk!.FailsFlush = true;
        Assert.ThrowsAny<IOException>(test.Log.Flush);
        disk.FailsFlush = false;
        Assert.ThrowsAny<IOException>(test.Log.Flush);
        Assert.Equal(0, test.Log.RecoveryPoint);
    }

    [Fact]
    public void A_flush_that_comes_after_a_truncation_moves_the_recovery_point_to_the_end_at_most()
    {
        using var home = new TestDirectory();
        var lane = new ManualLane();
        LogConfig config = TestLog.Config() with { SegmentBytes = 300 };
        using PartitionLog log = Open(home.Path, lane, config, new MappedFileStore(home.Path));
        for (int at = 0; at < 12; at++)
        {
            log.Append(Batches.Of($"value-{at}"), new AppendContext(0, Policies.AppendOrigin.Client, TestLog.NowMs));
        }

        Assert.True(log.SegmentCount > 2);
        log.TruncateTo(1, TestLog.NowMs);
        lane.RunAll();
        Assert.InRange(log.RecoveryPoint, 0, 1);
    }

    [Fact]
    public void Epochs_are_on_the_device_before_the_recovery_point_passes_them()
    {
        using var home = new TestDirectory();
        var lane = new ManualLane();
        var disk = new FaultyFileStore(home.Path);
        using PartitionLog log = Open(home.Path, lane, TestLog.Config(), disk);
        log.Append(Batches.Of("a"), new AppendContext(5, Policies.AppendOrigin.Client, TestLog.NowMs));
        lane.RunAll();
        log.Flush();
        Assert.Equal(1, log.RecoveryPoint);
        Assert.DoesNotContain(disk.Unflushed, path => path.EndsWith(EpochCheckpoint.FileName, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_appended_after_a_truncation_is_not_below_the_recovery_point_on_disk()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 1_000 });
        for (int at = 0; at < 10; at++)
        {
            test.Append(Batches.Of($"value-{at}"));
        }

        test.Log.Flush();
        test.Store.Tick(TestLog.NowMs + 120_000);
        Assert.Equal(10, RecoveryPointOnDisk(test));
        test.Log.TruncateTo(4, TestLog.NowMs);
        while (test.Log.SegmentCount == 1)
        {
            test.Append(Batches.Of("again"));
        }

        Assert.InRange(RecoveryPointOnDisk(test), 0, 4);
    }

    private static long RecoveryPointOnDisk(TestLog test)
        => OffsetCheckpoint.Read(new MappedFileStore(test.Path), OffsetCheckpoint.RecoveryPointFile)![(TestLog.Partition.Topic, TestLog.Partition.Partition)];

    private static PartitionLog Open(string root, IStorageLane lane, LogConfig config, IFileStore store)
    {
        string path = Path.Combine(root, TestLog.Partition.ToString());
        Directory.CreateDirectory(path);
        var environment = new LogEnvironment(store, lane, NullLogger.Instance);
        LoadedLog loaded = LogRecovery.Load(environment, path, TestLog.Partition.Partition, config, default, TestLog.NowMs);
        return new PartitionLog(environment, TestLog.Partition, TestLog.TopicId, path, config, loaded);
    }

    /// <summary>Background work that waits until the test lets it run.</summary>
    private sealed class ManualLane : IStorageLane
    {
        private readonly Queue<Action> _posted = new();

        public void Post(Action work) => _posted.Enqueue(work);

        public void RunAll()
        {
            while (_posted.TryDequeue(out Action? work))
            {
                work();
            }
        }
    }
}
