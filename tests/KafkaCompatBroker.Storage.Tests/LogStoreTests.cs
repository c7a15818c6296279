using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Files;
using KafkaCompatBroker.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Storage.Tests;

public class LogStoreTests
{
    [Fact]
    public void A_second_broker_on_the_same_directory_is_refused()
    {
        using TestLog test = TestLog.Create();
        Assert.Throws<DirectoryInUseException>(() => TestLog.Open(test.Path));
        Assert.Equal(Protocol.Messages.ErrorCode.None, test.Append(Batches.Of("still here")).Error);
    }

    [Fact]
    public void Checkpoints_and_topic_id_are_written_as_Kafka_writes_them()
    {
        using var home = new TestDirectory();
        using (TestLog test = TestLog.Open(home.Path))
        {
            test.Append(Batches.Of("a", "b"), leaderEpoch: 3);
            test.Log.UpdateHighWatermark(2);
            test.Store.Close(clean: true, brokerEpoch: 5);
        }

        Assert.Equal("0\n1\ntopic 0 2\n", Read("recovery-point-offset-checkpoint"));
        Assert.Equal("0\n1\ntopic 0 2\n", Read("replication-offset-checkpoint"));
        Assert.Equal("0\n0\n", Read("log-start-offset-checkpoint"));
        Assert.Equal("0\n1\n3 0\n", Read("topic-0/leader-epoch-checkpoint"));
        Assert.Equal($"version: 0\ntopic_id: {TestLog.TopicId}", Read("topic-0/partition.metadata"));
        Assert.True(File.Exists(Path.Combine(home.Path, "topic-0", "00000000000000000002.snapshot")));
        using TestLog reopened = TestLog.Open(home.Path);
        Assert.Equal((TestLog.TopicId, 2), (reopened.Log.TopicId, reopened.Log.HighWatermark));

        string Read(string name) => File.ReadAllText(Path.Combine(home.Path, name));
    }

    [Fact]
    public void A_new_log_costs_a_directory_and_one_file()
    {
        using TestLog test = TestLog.Create();
        Assert.Equal(["partition.metadata"], Directory.GetFiles(test.LogPath).Select(file => Path.GetFileName(file)));
        test.Append(Batches.Of("a"));
        Assert.True(new FileInfo(Path.Combine(test.LogPath, "00000000000000000000.log")).Length <= 16 * 1024);
    }

    [Fact]
    public void A_deleted_log_is_renamed_at_once_and_removed_after_the_delay()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.Of("a"));
        File.WriteAllText(Path.Combine(test.Path, OffsetCheckpoint.CleanerFile), "0\n1\ntopic 0 1\n");
        test.Store.Delete(TestLog.Partition);
        Assert.False(Directory.Exists(test.LogPath));
        string renamed = Assert.Single(Directory.GetDirectories(test.Path));
        Assert.Matches("^topic-0\\.[0-9a-f]{32}-delete$", Path.GetFileName(renamed));
        PartitionLog again = test.Store.GetOrCreate(TestLog.Partition, new Uuid(9, 9), TestLog.Config());
        Assert.Equal(0, again.LogEndOffset);
        test.Store.Tick(TestLog.NowMs + 61_000);
        Assert.Equal([test.LogPath], Directory.GetDirectories(test.Path));
        Assert.Equal("0\n0\n", File.ReadAllText(Path.Combine(test.Path, OffsetCheckpoint.CleanerFile)));
    }

    [Fact]
    public void A_log_of_another_topic_id_is_replaced()
    {
        using TestLog test = TestLog.Create();
        test.Append(Batches.Of("a"));
        PartitionLog recreated = test.Store.GetOrCreate(TestLog.Partition, new Uuid(9, 9), TestLog.Config());
        Assert.Equal((0, new Uuid(9, 9)), (recreated.LogEndOffset, recreated.TopicId));
        Assert.Same(recreated, test.Store.GetOrCreate(TestLog.Partition, new Uuid(9, 9), TestLog.Config()));
    }

    [Fact]
    public void Directories_waiting_for_deletion_are_removed_after_a_restart_and_strays_are_kept()
    {
        using var home = new TestDirectory();
        Directory.CreateDirectory(Path.Combine(home.Path, "gone-0.0123456789abcdef0123456789abcdef-delete"));
        Directory.CreateDirectory(Path.Combine(home.Path, "lost+found"));
        Directory.CreateDirectory(Path.Combine(home.Path, "foreign-3"));
        using var store = LogStore.Open(new LogStoreOptions { Directories = [home.Path] }, TimeProvider.System, NullLogger.Instance);
        store.Load(_ => TestLog.Config(), (partition, _) => partition.Topic == "foreign");
        store.Tick(long.MaxValue / 2);
        string[] names = [.. Directory.GetDirectories(home.Path).Select(path => Path.GetFileName(path)).Order()];
        Assert.Equal(2, names.Length);
        Assert.Matches("^foreign-3\\.[0-9a-f]{32}-stray$", names[0]);
        Assert.Equal("lost+found", names[1]);
        Assert.Empty(store.Logs);
    }

    [Fact]
    public void The_metadata_log_is_kept_apart()
    {
        using var home = new TestDirectory();
        var options = new LogStoreOptions { Directories = [home.Path] };
        using (var store = LogStore.Open(options, TimeProvider.System, NullLogger.Instance))
        {
            PartitionLog metadata = store.OpenMetadataLog(store.Directories[0], TestLog.Config());
            metadata.AppendFromLeader(Batches.Assigned(Batches.Of("a"), 0, 1), TestLog.NowMs);
            store.Load(_ => TestLog.Config());
            Assert.Empty(store.Logs);
            metadata.Close(clean: true);
            store.Close(clean: true);
        }

        Assert.Equal("0\n0\n", File.ReadAllText(Path.Combine(home.Path, OffsetCheckpoint.RecoveryPointFile)));
        using var reopened = LogStore.Open(options, TimeProvider.System, NullLogger.Instance);
        using PartitionLog log = reopened.OpenMetadataLog(reopened.Directories[0], TestLog.Config());
        Assert.Equal((1, Uuid.One), (log.LogEndOffset, log.TopicId));
    }

    [Fact]
    public void Of_two_directories_with_the_same_partition_the_longer_log_counts_and_the_other_is_kept_aside()
    {
        using var first = new TestDirectory();
        using var second = new TestDirectory();
        using (TestLog test = TestLog.Open(second.Path))
        {
            test.Append(Batches.Of("a"));
            test.Store.Close(clean: true);
        }

        Directory.CreateDirectory(Path.Combine(first.Path, "topic-0"));
        using var store = LogStore.Open(new LogStoreOptions { Directories = [first.Path, second.Path] }, TimeProvider.System, NullLogger.Instance);
        store.Load(_ => TestLog.Config());
        Assert.Equal((second.Path, 1), (store.Find(TestLog.Partition)!.LogDirectory, store.Find(TestLog.Partition)!.LogEndOffset));
        Assert.EndsWith("-stray", Assert.Single(Directory.GetDirectories(first.Path)));
    }

    [Fact]
    public void Many_logs_are_closed_with_one_flush_and_found_again()
    {
        using var home = new TestDirectory();
        FaultyFileStore? disk = null;
        var options = new LogStoreOptions { Directories = [home.Path] };
        using (var store = LogStore.Open(options, TimeProvider.System, NullLogger.Instance, path => disk = new FaultyFileStore(path)))
        {
            store.Load(_ => TestLog.Config());
            for (int at = 0; at < 100; at++)
            {
                PartitionLog log = store.GetOrCreate(new TopicPartition("many", at), TestLog.TopicId, TestLog.Config());
                log.Append(Batches.Produced(at, 0, 0), new AppendContext(1, Policies.AppendOrigin.Client, TestLog.NowMs));
                log.UpdateHighWatermark(1);
            }

            int before = disk!.Flushes;
            store.Close(clean: true);
            Assert.True(disk.Flushes - before < 20);
        }

        using var reopened = LogStore.Open(options, TimeProvider.System, NullLogger.Instance);
        reopened.Load(_ => TestLog.Config());
        Assert.True(reopened.Directories[0].WasCleanShutdown);
        Assert.Equal(100, reopened.Logs.Count(log => (log.LogEndOffset, log.RecoveryPoint, log.HighWatermark, log.LatestEpoch) == (1, 1, 1, 1)));
    }

    [Fact]
    public void Meta_properties_round_trip_and_nonsense_is_named()
    {
        using var home = new TestDirectory();
        var store = new MappedFileStore(home.Path);
        Assert.Null(MetaProperties.Read(store));
        var meta = new MetaProperties("qO9vsQKmeikZtSxBHtoZqQ", 4, Uuid.Parse("JRswrvvkE2FRomyWUWpHow"));
        meta.Write(store, DateTimeOffset.UnixEpoch);
        Assert.Equal(meta, MetaProperties.Read(store));
        Assert.Equal(
            "#\n#Thu Jan 01 00:00:00 UTC 1970\nnode.id=4\ndirectory.id=JRswrvvkE2FRomyWUWpHow\nversion=1\ncluster.id=qO9vsQKmeikZtSxBHtoZqQ\n",
            File.ReadAllText(Path.Combine(home.Path, MetaProperties.FileName)));
        File.WriteAllText(Path.Combine(home.Path, MetaProperties.FileName), "version=1\nnode.id=x\ncluster.id=c\n");
        Assert.Contains("node.id=x", Assert.Throws<InvalidDataException>(() => MetaProperties.Read(store)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1\n0\n")]
    [InlineData("0\n2\ntopic 0 1\n")]
    [InlineData("0\n1\ntopic zero 1\n")]
    [InlineData("0\n1\ntopic 0 1 9\n")]
    public void A_torn_checkpoint_is_not_trusted(string content)
    {
        using var home = new TestDirectory();
        File.WriteAllText(Path.Combine(home.Path, OffsetCheckpoint.RecoveryPointFile), content);
        Assert.Null(OffsetCheckpoint.Read(new MappedFileStore(home.Path), OffsetCheckpoint.RecoveryPointFile));
    }
}
