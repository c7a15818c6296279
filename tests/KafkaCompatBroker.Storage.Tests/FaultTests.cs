using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Storage.Tests;

public class FaultTests
{
    [Fact]
    public void A_full_disk_refuses_appends_serves_reads_and_resumes()
    {
        FaultyFileStore? disk = null;
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 500 }, path => disk = new FaultyFileStore(path));
        test.Append(Batches.Of("before"));
        disk!.IsFull = true;
        Assert.Equal(ErrorCode.KafkaStorageError, test.Append(Batches.Of("refused")).Error);
        Assert.Equal(ErrorCode.KafkaStorageError, test.Append(Batches.Sized(400)).Error);
        Assert.False(test.Log.IsOffline);
        Assert.Equal([(0, "before")], TestLog.ReadAll(test.Log, 0));
        Assert.Throws<DiskFullException>(() => test.Store.GetOrCreate(new TopicPartition("other", 0), TestLog.TopicId, TestLog.Config()));
        disk.IsFull = false;
        Assert.Equal(1, test.Append(Batches.Of("after")).BaseOffset);
        Assert.Equal([(0, "before"), (1, "after")], TestLog.ReadAll(test.Log, 0));
    }

    [Fact]
    public void A_disk_that_is_full_while_a_segment_is_sealed_loses_nothing()
    {
        using var home = new TestDirectory();
        FaultyFileStore? disk = null;
        LogConfig config = TestLog.Config() with { SegmentBytes = 300 };
        using (var store = LogStore.Open(new LogStoreOptions { Directories = [home.Path] }, TimeProvider.System, NullLogger.Instance, path => disk = new FaultyFileStore(path)))
        {
            store.Load(_ => config);
            PartitionLog log = store.GetOrCreate(TestLog.Partition, TestLog.TopicId, config);
            for (int at = 0; at < 10; at++)
            {
                log.Append(Batches.Of($"value-{at}"), new AppendContext(0, Policies.AppendOrigin.Client, TestLog.NowMs));
            }

            disk!.IsFull = true;
            Assert.ThrowsAny<IOException>(log.Flush);
            disk.IsFull = false;
            log.Flush();
            Assert.Equal(10, log.RecoveryPoint);
            store.Close(clean: true);
        }

        using TestLog reopened = TestLog.Open(home.Path, config);
        Assert.Equal(10, TestLog.ReadAll(reopened.Log, 0).Count);
    }

    [Fact]
    public void A_failed_flush_fences_the_directory_and_only_that_one()
    {
        using var first = new TestDirectory();
        using var second = new TestDirectory();
        FaultyFileStore? broken = null;
        var options = new LogStoreOptions { Directories = [first.Path, second.Path] };
        using var store = LogStore.Open(options, TimeProvider.System, NullLogger.Instance, path => path == first.Path ? broken = new FaultyFileStore(path) : new MappedFileStore(path));
        store.Load(_ => TestLog.Config());
        LogConfig durable = TestLog.Config() with { FlushMessages = 1 };
        PartitionLog bad = store.GetOrCreate(new TopicPartition("bad", 0), TestLog.TopicId, durable, store.Directories[0]);
        PartitionLog good = store.GetOrCreate(new TopicPartition("good", 0), TestLog.TopicId, durable, store.Directories[1]);
        Assert.Equal(ErrorCode.None, Append(bad, "a").Error);

        broken!.FailsFlush = true;
        Assert.Equal(ErrorCode.KafkaStorageError, Append(bad, "b").Error);
        broken.FailsFlush = false;
        Assert.True(bad.IsOffline);
        Assert.Equal(ErrorCode.KafkaStorageError, Append(bad, "c").Error);
        Assert.Equal("a", TestLog.ReadAll(bad, 0)[0].Value);
        Assert.Equal(ErrorCode.None, Append(good, "d").Error);
        Assert.True(store.Directories[0].IsOffline);
        Assert.False(store.Directories[1].IsOffline);
        Assert.Equal(store.Directories[1], store.DirectoryOf(store.GetOrCreate(new TopicPartition("new", 0), TestLog.TopicId, durable)));
        Assert.Throws<StorageException>(() => store.GetOrCreate(new TopicPartition("new", 1), TestLog.TopicId, durable, store.Directories[0]));
        store.Close(clean: true);
        Assert.False(File.Exists(Path.Combine(first.Path, ".kafka_cleanshutdown")));
        Assert.True(File.Exists(Path.Combine(second.Path, ".kafka_cleanshutdown")));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_fails_its_readers_and_not_the_directory()
    {
        using TestLog test = TestLog.Create(TestLog.Config() with { SegmentBytes = 300 });
        for (int at = 0; at < 10; at++)
        {
            test.Append(Batches.Of($"value-{at}"));
        }

        test.Log.Flush();
        test.Log.Tick(TestLog.NowMs + 600_000, idleMs: 1);
        test.Log.Tick(TestLog.NowMs + 1_200_000, idleMs: 1);
        File.Move(Path.Combine(test.LogPath, "00000000000000000000.log"), Path.Combine(test.LogPath, "away"));
        Assert.Equal(ReadStatus.Failed, test.Log.Read(0, 1_000, long.MaxValue, atLeastOneBatch: true).Status);
        Assert.False(test.Log.IsOffline);
        Assert.Equal("value-9", TestLog.ReadAll(test.Log, 9).Single().Value);
        File.Move(Path.Combine(test.LogPath, "away"), Path.Combine(test.LogPath, "00000000000000000000.log"));
        Assert.Equal(10, TestLog.ReadAll(test.Log, 0).Count);
    }

    [Fact]
    public void Appends_are_flushed_when_flush_messages_says_so()
    {
        FaultyFileStore? disk = null;
        using TestLog test = TestLog.Create(TestLog.Config() with { FlushMessages = 3 }, path => disk = new FaultyFileStore(path));
        test.Append(Batches.Of("a", "b"));
        Assert.Equal((0, 0), (disk!.Flushes, test.Log.RecoveryPoint));
        test.Append(Batches.Of("c"));
        Assert.True(disk.Flushes > 0);
        Assert.Equal(3, test.Log.RecoveryPoint);
    }

    [Fact]
    public void Flush_errors_of_the_kernel_are_not_swallowed()
    {
        using var home = new TestDirectory();
        string path = Path.Combine(home.Path, "pipe");
        File.WriteAllText(path, "");
        var file = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using (file)
        {
            Assert.Throws<IOException>(() => NativeFile.FlushData(file, "/dev/null"));
        }
    }

    private static AppendOutcome Append(PartitionLog log, string value) => log.Append(Batches.Of(value), new AppendContext(0, Policies.AppendOrigin.Client, TestLog.NowMs));
}
