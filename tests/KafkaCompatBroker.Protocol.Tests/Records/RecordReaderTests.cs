using System.Text;
using System.Text.Json;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Protocol.Tests.Records;

public class RecordReaderTests
{
    [Fact]
    public void Reads_every_record_of_the_golden_batches()
    {
        int records = 0;
        foreach (var line in GoldenRecords.Lines("batches.jsonl"))
        {
            var bytes = line.Bytes().AsSpan();
            foreach (var expected in line.Batches())
            {
                RecordBatchView.TryRead(bytes, out var batch);
                records += AssertRecords(expected, batch, line.Case());
                bytes = bytes[batch.SizeInBytes..];
            }
        }

        Assert.True(records > 400, $"{records} records");
    }

    [Fact]
    public void Accepts_and_refuses_damaged_batches_as_Kafka_does()
    {
        int refused = 0;
        var wrong = new List<string>();
        foreach (var line in GoldenRecords.Lines("damaged.jsonl"))
        {
            bool kafkaRefuses = line.GetProperty("read").TryGetProperty("exception", out _);
            string? refusal = ReadAll(line.Bytes(), line.Batches(), line.Case(), out int validBytes);
            if (kafkaRefuses != (refusal is not null))
                wrong.Add($"{line.Case()}: {refusal ?? "accepted"}");
            if (line.GetProperty("read").TryGetProperty("validBytes", out var expectedBytes))
                Assert.Equal(expectedBytes.GetInt32(), validBytes);
            refused += kafkaRefuses ? 1 : 0;
        }

        Assert.Empty(wrong);
        Assert.True(refused > 50);
    }

    [Fact]
    public void Iterating_plain_records_allocates_nothing()
    {
        var bytes = Batch(CompressionType.None, 2_000);
        long fewest = long.MaxValue;
        // Not in each run: the runtime allocates on whichever thread meets code that it has just compiled anew.
        for (int run = 0; run < 10; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int count = Iterate(bytes);
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(2_000, count);
        }

        Assert.Equal(0, fewest);
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Iterating_compressed_records_allocates_nothing_for_each(CompressionType codec)
    {
        var few = Batch(codec, 10);
        var many = Batch(codec, 10_000);
        Iterate(few);
        Iterate(many);
        long start = GC.GetAllocatedBytesForCurrentThread();
        Iterate(few);
        long middle = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(10_000, Iterate(many));
        long end = GC.GetAllocatedBytesForCurrentThread();
        Assert.InRange(end - middle, 0, middle - start + 4_096);
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void A_record_larger_than_the_window_is_read_whole(CompressionType codec)
    {
        var value = new byte[3_000_001];
        new Random(7).NextBytes(value.AsSpan(0, 500_000));
        var builder = new RecordBatchBuilder(new RecordBatchOptions { Codec = codec });
        builder.Append(1, [1], [2]);
        builder.Append(2, null, value);
        builder.Append(3, null, [3]);

        RecordBatchView.TryRead(builder.Build(), out var batch);
        using var reader = new RecordReader(batch);
        Assert.True(reader.MoveNext() && reader.MoveNext());
        Assert.True(reader.Current.Value.SequenceEqual(value));
        Assert.True(reader.MoveNext());
        Assert.Equal([3], reader.Current.Value.ToArray());
        Assert.False(reader.MoveNext());
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Expansion_stops_at_the_limit(CompressionType codec)
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions { Codec = codec });
        for (int index = 0; index < 100; index++)
            builder.Append(0, null, new byte[100_000]);
        var bytes = builder.Build();

        var failure = Assert.Throws<RecordFormatException>(() => Iterate(bytes, expandedBytesMax: 1_000_000));
        Assert.Contains("1000000", failure.Message, StringComparison.Ordinal);
    }

    private static int Iterate(byte[] bytes, long expandedBytesMax = RecordLimits.ExpandedBytesMax)
    {
        RecordBatchView.TryRead(bytes, out var batch);
        int count = 0;
        using var reader = new RecordReader(batch, expandedBytesMax);
        while (reader.MoveNext())
        {
            foreach (var header in reader.Current.Headers)
                Assert.False(header.Key.IsEmpty);
            count++;
        }

        return count;
    }

    private static byte[] Batch(CompressionType codec, int count)
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions { Codec = codec });
        var header = new RecordHeader("trace", new byte[] { 1, 2, 3 });
        for (int index = 0; index < count; index++)
            builder.Append(index, BitConverter.GetBytes(index), new byte[50], [header]);
        return builder.Build();
    }

    private static string? ReadAll(ReadOnlySpan<byte> bytes, JsonElement[] expected, string name, out int validBytes)
    {
        validBytes = 0;
        int index = 0;
        try
        {
            while (true)
            {
                var status = RecordBatchView.TryRead(bytes[validBytes..], out var batch);
                if (status == RecordBatchStatus.NeedMoreBytes)
                    return null;
                if (status == RecordBatchStatus.Corrupt)
                    return "corrupt";
                if (!batch.IsCrcValid())
                    return "crc";
                if (index < expected.Length)
                    AssertRecords(expected[index++], batch, name);
                else
                    ReadToEnd(batch);
                validBytes += batch.SizeInBytes;
            }
        }
        catch (RecordFormatException refusal)
        {
            return refusal.Message;
        }
    }

    private static void ReadToEnd(RecordBatchView batch)
    {
        using var reader = new RecordReader(batch);
        while (reader.MoveNext())
        {
            if (batch.IsControl)
                ControlRecords.ReadType(reader.Current);
        }
    }

    private static int AssertRecords(JsonElement expected, RecordBatchView batch, string name)
    {
        using var reader = new RecordReader(batch);
        int count = 0;
        long lastOffset = batch.BaseOffset - 1;
        foreach (var record in expected.GetProperty("records").EnumerateArray())
        {
            Assert.True(reader.MoveNext(), name);
            AssertRecord(record, reader.Current, name);
            if (batch.IsControl)
                AssertControlType(expected, ControlRecords.ReadType(reader.Current));
            if (count == 0 && batch.Magic < 2)
                Assert.Equal(expected.GetProperty("baseOffset").GetInt64(), reader.Current.Offset);
            lastOffset = reader.Current.Offset;
            count++;
        }

        Assert.False(reader.MoveNext(), name);
        if (batch.Magic < 2)
            Assert.Equal(expected.GetProperty("lastOffset").GetInt64(), lastOffset);
        return count;
    }

    private static void AssertControlType(JsonElement batch, ControlRecordType type) =>
        Assert.Equal(
            batch.GetProperty("controlType").GetString()!.Replace("_", "", StringComparison.Ordinal),
            type.ToString(),
            ignoreCase: true);

    private static void AssertRecord(JsonElement expected, RecordView record, string name)
    {
        Assert.Equal(expected.GetProperty("offset").GetInt64(), record.Offset);
        Assert.Equal(expected.GetProperty("timestamp").GetInt64(), record.TimestampMs);
        Assert.Equal(expected.GetProperty("sequence").GetInt32(), record.Sequence);
        AssertBytes(expected.GetProperty("key"), record.HasKey, record.Key, name);
        AssertBytes(expected.GetProperty("value"), record.HasValue, record.Value, name);
        var headers = expected.GetProperty("headers").EnumerateArray();
        foreach (var header in record.Headers)
        {
            Assert.True(headers.MoveNext(), name);
            Assert.Equal(headers.Current.GetProperty("key").GetString(), Encoding.UTF8.GetString(header.Key));
            AssertBytes(headers.Current.GetProperty("value"), header.HasValue, header.Value, name);
        }

        Assert.False(headers.MoveNext(), name);
    }

    private static void AssertBytes(JsonElement expected, bool present, ReadOnlySpan<byte> bytes, string name)
    {
        Assert.True(present == (expected.ValueKind != JsonValueKind.Null), name);
        if (present)
            Assert.True(bytes.SequenceEqual(expected.GetBytesFromBase64()), name);
    }
}
