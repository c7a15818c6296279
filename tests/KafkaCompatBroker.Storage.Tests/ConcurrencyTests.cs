using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Storage.Tests;

public class ConcurrencyTests
{
    private const int Batches = 3_000;

    [Fact]
    public async Task Readers_see_whole_valid_batches_in_order_while_the_log_rolls_rests_and_is_trimmed()
    {
        using var home = new TestDirectory();
        LogConfig config = TestLog.Config() with { SegmentBytes = 40_000, IndexIntervalBytes = 500, RetentionBytes = 200_000, FileDeleteDelayMs = 0 };
        var options = new LogStoreOptions { Directories = [home.Path], IdleMs = 0, HousekeepingMs = 0, RetentionCheckMs = 0, InitialTaskDelayMs = 0 };
        using var store = LogStore.Open(options, TimeProvider.System, NullLogger.Instance);
        store.Load(_ => config);
        PartitionLog log = store.GetOrCreate(TestLog.Partition, TestLog.TopicId, config);
        long nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        bool done = false;
        var readers = Enumerable.Range(0, 3).Select(at => Task.Factory.StartNew(() => ReadUntil(log, at, () => Volatile.Read(ref done)), TaskCreationOptions.LongRunning)).ToArray();
        Task housekeeping = Task.Factory.StartNew(
            () =>
            {
                for (long tick = 1; !Volatile.Read(ref done); tick++)
                {
                    store.Tick(nowMs + tick);
                    log.Flush();
                }
            },
            TaskCreationOptions.LongRunning);

        for (int at = 0; at < Batches; at++)
        {
            AppendOutcome outcome = log.Append(Tests.Batches.Sized(100 + (at * 7 % 900), nowMs), new AppendContext(0, Policies.AppendOrigin.Client, nowMs));
            Assert.Equal((ErrorCode.None, (long)at), (outcome.Error, outcome.BaseOffset));
            log.UpdateHighWatermark(log.LogEndOffset);
        }

        Volatile.Write(ref done, true);
        await housekeeping;
        int[] batchesRead = await Task.WhenAll(readers);
        store.Tick(nowMs + 1_000_000);
        Assert.Equal(Batches, log.LogEndOffset);
        Assert.True(log.LogStartOffset > 0);
        Assert.All(batchesRead, read => Assert.True(read > 0));
        Assert.False(store.Directories[0].IsOffline);
    }

    private static int ReadUntil(PartitionLog log, int seed, Func<bool> isDone)
    {
        var random = new Random(seed);
        long next = 0;
        int batches = 0;
        while (true)
        {
            bool last = isDone();
            LogSlice slice = log.Read(next, random.Next(1, 20_000), log.HighWatermark, atLeastOneBatch: true);
            using (slice.Lease)
            {
                if (slice.Status == ReadStatus.OutOfRange)
                {
                    next = log.LogStartOffset;
                    continue;
                }

                ReadOnlySpan<byte> bytes = slice.Memory.Span;
                while (!bytes.IsEmpty)
                {
                    Assert.Equal(RecordBatchStatus.Ok, RecordBatchView.TryRead(bytes, out RecordBatchView batch));
                    Assert.True(batch.IsCrcValid());
                    Assert.Equal(next, batch.BaseOffset);
                    next = batch.NextOffset;
                    bytes = bytes[batch.SizeInBytes..];
                    batches++;
                }

                if (last && slice.Memory.IsEmpty)
                {
                    return batches;
                }
            }
        }
    }
}
