using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>More segments in use than the process may map or open.</summary>
public class OpenSegmentsTests
{
    private const int Most = 4;

    [Fact]
    public void Segments_beyond_the_limit_let_go_and_come_back()
    {
        using var home = new TestDirectory();
        var open = new OpenSegments(Most);
        using LogStore store = Open(home, open);
        PartitionLog[] logs = [.. Enumerable.Range(0, 40).Select(index => Log(store, index))];
        for (int round = 0; round < 5; round++)
        {
            foreach (PartitionLog log in logs)
            {
                Assert.Equal(ErrorCode.None, Append(log, $"{log.TopicPartition} {round}").Error);
                Assert.InRange(open.Count, 1, Most);
            }
        }

        foreach (PartitionLog log in logs)
        {
            log.Flush();
            Assert.Equal(Enumerable.Range(0, 5).Select(round => $"{log.TopicPartition} {round}"), TestLog.ReadAll(log, 0).Select(record => record.Value));
            Assert.InRange(open.Count, 1, Most);
        }
    }

    [Fact]
    public void Bytes_that_a_reader_holds_stay_mapped()
    {
        using var home = new TestDirectory();
        var open = new OpenSegments(Most);
        using LogStore store = Open(home, open);
        PartitionLog held = Log(store, 0);
        Append(held, "held");
        LogSlice slice = held.Read(0, 1024, long.MaxValue, atLeastOneBatch: true);
        byte[] before = slice.Memory.ToArray();
        for (int index = 1; index < 20; index++) Append(Log(store, index), "other");
        Assert.Equal(before, slice.Memory.ToArray());
        slice.Lease.Dispose();
        for (int index = 20; index < 40; index++) Append(Log(store, index), "other");
        Assert.InRange(open.Count, 1, Most);
        Assert.Equal(["held"], TestLog.ReadAll(held, 0).Select(record => record.Value));
    }

    [Fact]
    public void Writers_and_readers_on_many_threads_share_few_mappings()
    {
        const int Threads = 4;
        const int Appends = 150;
        using var home = new TestDirectory();
        using LogStore store = Open(home, new OpenSegments(Most));
        PartitionLog[] logs = [.. Enumerable.Range(0, Threads * 6).Select(index => Log(store, index))];
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (int number = 0; number < Appends; number++)
            {
                Assert.Equal(ErrorCode.None, Append(logs[(thread * 6) + (number % 6)], $"{thread} {number}").Error);
                PartitionLog other = logs[(number * 7) % logs.Length];
                if (number % 5 == 0) other.Flush();
                LogSlice slice = other.Read(0, 4096, long.MaxValue, atLeastOneBatch: true);
                using (slice.Lease) Assert.Equal(slice.Memory.Length, slice.Memory.ToArray().Length);
            }
        });
        for (int at = 0; at < logs.Length; at++)
        {
            int thread = at / 6;
            Assert.Equal(
                Enumerable.Range(0, Appends).Where(number => number % 6 == at % 6).Select(number => $"{thread} {number}"),
                TestLog.ReadAll(logs[at], 0).Select(record => record.Value));
        }
    }

    [Fact]
    public void When_the_system_refuses_more_half_of_them_let_go()
    {
        using var home = new TestDirectory();
        var open = new OpenSegments(1000);
        using LogStore store = Open(home, open);
        for (int index = 0; index < 64; index++) Append(Log(store, index), "a");
        Assert.Equal(64, open.Count);
        using var next = new MappedSegmentFile(Path.Combine(home.Path, "next"), 4096, open);
        open.Shrink(next);
        Assert.InRange(open.Count, 1, 33);
        for (int index = 0; index < 64; index++) Append(Log(store, index), "b");
        Assert.InRange(open.Count, 1, 33);
    }

    private static LogStore Open(TestDirectory home, OpenSegments open)
    {
        LogStore store = LogStore.Open(
            new LogStoreOptions { Directories = [home.Path] }, TimeProvider.System, NullLogger.Instance, path => new MappedFileStore(path) { OpenSegments = open });
        store.Load(_ => TestLog.Config());
        return store;
    }

    private static PartitionLog Log(LogStore store, int index) =>
        store.GetOrCreate(new TopicPartition("many", index), TestLog.TopicId, TestLog.Config());

    private static AppendOutcome Append(PartitionLog log, string value) => log.Append(Batches.Of(value), new AppendContext(0, Policies.AppendOrigin.Client, TestLog.NowMs));
}
