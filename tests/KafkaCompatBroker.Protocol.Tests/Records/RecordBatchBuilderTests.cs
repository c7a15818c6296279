using System.Text.Json;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Protocol.Tests.Records;

public class RecordBatchBuilderTests
{
    [Fact]
    public void Makes_the_bytes_of_the_golden_batches_that_are_not_compressed()
    {
        int rebuilt = 0;
        foreach (var line in GoldenRecords.Lines("batches.jsonl"))
        {
            var batches = line.Batches();
            if (batches.Length != 1 || batches[0].GetProperty("magic").GetInt32() != 2
                || batches[0].GetProperty("compression").GetString() != "none"
                || batches[0].GetProperty("count").GetInt32() == 0)
                continue;

            var bytes = line.Bytes();
            RecordBatchView.TryRead(bytes, out var batch);
            Assert.True(bytes.AsSpan().SequenceEqual(Rebuild(batch, batches[0])), line.Case());
            rebuilt++;
        }

        Assert.True(rebuilt > 15);
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Makes_the_same_batch_again_in_the_same_memory(CompressionType codec)
    {
        var options = new RecordBatchOptions { BaseOffset = 7, Codec = codec };
        var value = new byte[40_000];
        new Random(1).NextBytes(value);
        var other = new RecordBatchBuilder(new RecordBatchOptions { Codec = codec });
        other.Append(5, [9], value);
        other.BuildInPlace();
        other.Restart(new RecordBatchOptions { ProducerId = 3, Codec = CompressionType.Gzip });
        other.Append(6, [8], value);

        other.Restart(options);

        var fresh = new RecordBatchBuilder(options);
        foreach (var builder in (RecordBatchBuilder[])[other, fresh])
        {
            builder.Append(1, [1], value);
            builder.Append(2, [2], null);
        }

        Assert.Equal(2, other.RecordCount);
        Assert.Equal(fresh.SizeInBytes, other.SizeInBytes);
        Assert.Equal(fresh.Build(), other.BuildInPlace().ToArray());
    }

    [Fact]
    public void Refuses_offsets_that_go_back()
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions { BaseOffset = 10 });
        builder.AppendAt(12, 0, default, default);
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.AppendAt(12, 0, default, default));
    }

    [Fact]
    public void Refuses_to_build_nothing()
    {
        Assert.Throws<InvalidOperationException>(() => new RecordBatchBuilder(new RecordBatchOptions()).Build());
    }

    private static byte[] Rebuild(RecordBatchView batch, JsonElement expected)
    {
        bool logAppendTime = batch.TimestampType == TimestampType.LogAppendTime;
        var builder = new RecordBatchBuilder(new RecordBatchOptions
        {
            BaseOffset = batch.BaseOffset,
            LastOffset = batch.LastOffset,
            PartitionLeaderEpoch = batch.PartitionLeaderEpoch,
            TimestampType = batch.TimestampType,
            LogAppendTimeMs = batch.MaxTimestamp,
            ProducerId = batch.ProducerId,
            ProducerEpoch = batch.ProducerEpoch,
            BaseSequence = batch.BaseSequence,
            IsTransactional = batch.IsTransactional,
            IsControl = batch.IsControl,
            DeleteHorizonMs = batch.DeleteHorizonMs,
        });
        long[] creationTimes = logAppendTime ? CreationTimes : [];
        int index = 0;
        foreach (var record in expected.GetProperty("records").EnumerateArray())
        {
            var headers = record.GetProperty("headers").EnumerateArray()
                .Select(header => new RecordHeader(header.GetProperty("key").GetString()!, Base64(header, "value")));
            builder.AppendAt(
                record.GetProperty("offset").GetInt64(),
                logAppendTime ? batch.BaseTimestamp + creationTimes[index] : record.GetProperty("timestamp").GetInt64(),
                Base64(record, "key"),
                Base64(record, "value"),
                headers.ToArray());
            index++;
        }

        return builder.Build();
    }

    // The deltas in the bytes of v2-log-append-time; a reader sees only the append time.
    private static readonly long[] CreationTimes = [0, 3742, 3080];

    private static ReadOnlyMemory<byte>? Base64(JsonElement element, string field)
    {
        string? text = element.GetProperty(field).GetString();
        return text is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(Convert.FromBase64String(text));
    }
}
