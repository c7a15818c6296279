using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Segments;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>Data directories that Apache Kafka left behind, after a controlled shutdown and after kill -9, and what it finds in them itself.</summary>
public class GoldenDirectoryTests
{
    [Theory]
    [InlineData("clean")]
    [InlineData("killed")]
    public void Finds_every_record_offset_and_transaction(string variant)
    {
        using var home = new TestDirectory();
        using LogStore store = OpenCopy(variant, home);
        Assert.Equal(variant == "clean", store.Directories[0].WasCleanShutdown);
        using JsonDocument manifest = Manifest(variant);
        int records = 0;
        foreach (JsonProperty topic in manifest.RootElement.GetProperty("topics").EnumerateObject())
        {
            foreach (JsonElement partition in topic.Value.GetProperty("partitions").EnumerateArray())
            {
                PartitionLog log = store.Find(new TopicPartition(topic.Name, partition.GetProperty("partition").GetInt32()))!;
                Assert.Equal(topic.Value.GetProperty("topicId").GetString(), log.TopicId.ToString());
                log.UpdateHighWatermark(log.LogEndOffset);
                records += CheckPartition(log, partition);
            }
        }

        Assert.True(records > 1_000);
        CheckProducers(store, manifest.RootElement.GetProperty("producers"));
    }

    [Theory]
    [InlineData("clean")]
    [InlineData("killed")]
    public void Serves_the_same_after_our_own_clean_restart(string variant)
    {
        using var home = new TestDirectory();
        using (LogStore store = OpenCopy(variant, home))
        {
            foreach (PartitionLog log in store.Logs)
            {
                log.UpdateHighWatermark(log.LogEndOffset);
            }

            store.Close(clean: true, brokerEpoch: 99);
        }

        using LogStore again = Open(NodeOf(home));
        Assert.True(again.Directories[0].WasCleanShutdown);
        using JsonDocument manifest = Manifest(variant);
        foreach (JsonProperty topic in manifest.RootElement.GetProperty("topics").EnumerateObject())
        {
            foreach (JsonElement partition in topic.Value.GetProperty("partitions").EnumerateArray())
            {
                CheckPartition(again.Find(new TopicPartition(topic.Name, partition.GetProperty("partition").GetInt32()))!, partition);
            }
        }
    }

    private static LogStore OpenCopy(string variant, TestDirectory home)
    {
        using Stream resource = Resource($"{variant}.tar.gz");
        using var unpacked = new GZipStream(resource, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(unpacked, home.Path, overwriteFiles: false);
        return Open(NodeOf(home));
    }

    private static string NodeOf(TestDirectory home) => Directory.GetDirectories(home.Path).Single();

    private static LogStore Open(string path)
    {
        LogStore store = LogStore.Open(new LogStoreOptions { Directories = [path] }, TimeProvider.System, NullLogger.Instance);
        store.Load(_ => TestLog.Config());
        Assert.False(store.Directories[0].IsOffline);
        return store;
    }

    private static int CheckPartition(PartitionLog log, JsonElement expected)
    {
        long start = expected.GetProperty("logStartOffset").GetInt64();
        Assert.Equal(
            (log.TopicPartition, start, expected.GetProperty("highWatermark").GetInt64(), expected.GetProperty("lastStableOffset").GetInt64()),
            (log.TopicPartition, log.LogStartOffset, log.LogEndOffset, log.LastStableOffset));
        Assert.Equal(
            expected.GetProperty("abortedTransactions").EnumerateArray().Select(entry => entry.GetString()!).Order(StringComparer.Ordinal),
            log.AbortedTransactions(start, log.LogEndOffset).Select(entry => $"{entry.ProducerId}@{entry.FirstOffset}").Order(StringComparer.Ordinal));
        foreach (JsonElement ask in expected.GetProperty("offsetsForTimes").EnumerateArray())
        {
            long time = ask.GetProperty("ask").GetInt64();
            TimestampedOffset found = (time == -3 ? log.MaxTimestamp() : log.FindByTimestamp(time)) ?? new TimestampedOffset(-1, -1, -1);
            var answer = new TimestampedOffset(Number(ask, "timestamp"), Number(ask, "offset"), (int)Number(ask, "leaderEpoch"));
            Assert.Equal((log.TopicPartition, time, answer), (log.TopicPartition, time, found));
        }

        foreach (JsonElement epoch in expected.GetProperty("epochs").EnumerateArray())
        {
            Assert.Equal((Number(epoch, "leaderEpoch"), Number(epoch, "endOffset")), EpochEnd(log, (int)Number(epoch, "epoch")));
        }

        return CheckBatches(log, expected.GetProperty("batches"));
    }

    private static int CheckBatches(PartitionLog log, JsonElement batches)
    {
        int records = 0;
        long next = log.LogStartOffset;
        foreach (JsonElement expected in batches.EnumerateArray())
        {
            LogSlice slice = log.Read(next, 1, long.MaxValue, atLeastOneBatch: true);
            using SegmentLease lease = slice.Lease;
            Assert.Equal(RecordBatchStatus.Ok, RecordBatchView.TryRead(slice.Memory.Span, out RecordBatchView batch));
            Assert.Equal(slice.Memory.Length, batch.SizeInBytes);
            Assert.True(batch.IsCrcValid());
            Assert.Equal(
                (Number(expected, "baseOffset"), Number(expected, "lastOffset"), Number(expected, "leaderEpoch"), Number(expected, "maxTimestamp")),
                (batch.BaseOffset, batch.LastOffset, batch.PartitionLeaderEpoch, batch.MaxTimestamp));
            records += CheckRecords(batch, expected.GetProperty("records"));
            next = batch.NextOffset;
        }

        Assert.Equal(log.LogEndOffset, Math.Max(next, log.LogStartOffset));
        return records;
    }

    private static int CheckRecords(in RecordBatchView batch, JsonElement records)
    {
        using var reader = new RecordReader(batch);
        foreach (JsonElement expected in records.EnumerateArray())
        {
            Assert.True(reader.MoveNext());
            Assert.Equal((Number(expected, "offset"), Number(expected, "timestamp")), (reader.Current.Offset, reader.Current.TimestampMs));
            Assert.Equal(expected.GetProperty("key").GetString(), reader.Current.HasKey ? Convert.ToBase64String(reader.Current.Key) : null);
            if (!batch.IsControl)
            {
                Assert.Equal(expected.GetProperty("value").GetString(), reader.Current.HasValue ? Convert.ToBase64String(reader.Current.Value) : null);
            }
        }

        Assert.False(reader.MoveNext());
        return records.GetArrayLength();
    }

    private static void CheckProducers(LogStore store, JsonElement producers)
    {
        foreach (JsonProperty partition in producers.EnumerateObject())
        {
            Assert.True(SegmentName.TryParseDirectory(partition.Name, out string topic, out int number));
            var found = store.Find(new TopicPartition(topic, number))!.Producers.Active()
                .Select(producer => (producer.ProducerId, (long)producer.ProducerEpoch, (long)producer.LastSequence, producer.TimestampMs));
            var expected = partition.Value.EnumerateArray()
                .Select(producer => (Number(producer, "producerId"), Number(producer, "producerEpoch"), Number(producer, "lastSequence"), Number(producer, "lastTimestamp")));
            Assert.Equal(expected.Order(), found.Order());
        }
    }

    private static (long, long) EpochEnd(PartitionLog log, int epoch)
    {
        Policies.EpochStart end = log.OffsetForEpoch(epoch);
        return (end.Epoch, end.StartOffset);
    }

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private static JsonDocument Manifest(string variant)
    {
        using Stream resource = Resource($"{variant}-manifest.json.gz");
        using var unpacked = new GZipStream(resource, CompressionMode.Decompress);
        return JsonDocument.Parse(unpacked);
    }

    private static Stream Resource(string name) => typeof(GoldenDirectoryTests).Assembly.GetManifestResourceStream("Golden." + name)!;
}
