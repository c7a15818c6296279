using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Records.Compression;

namespace KafkaCompatBroker.Protocol.Tests.Records;

/// <summary>Any bytes give a result or <see cref="RecordFormatException"/>, in bounded memory. Seeds are fixed.</summary>
public class RecordFuzzTests
{
    private const long NowMs = 1_700_000_000_000;
    private const int ExpandedBytesMax = 4 * 1024 * 1024;

    // Buffers come from pools that this thread may have to fill first, so the bound is on one input, not an average.
    private const long AllocatedBytesMax = 24 * 1024 * 1024;

    private static readonly ValidationRules[] Rules =
    [
        new() { TimestampBeforeMaxMs = long.MaxValue, TimestampAfterMaxMs = long.MaxValue },
        new() { TimestampType = TimestampType.LogAppendTime, IsCompacted = true, BatchBytesMax = 100_000 },
        new() { TargetCodec = CompressionType.Snappy, TimestampBeforeMaxMs = 1, BatchBytesMax = 50_000 },
        new() { TargetCodec = CompressionType.None, TimestampAfterMaxMs = long.MaxValue, BatchBytesMax = 20_000 },
    ];

    private static readonly int[] EdgeValues = [0, 1, -1, 2, 127, 128, 255, 256, int.MaxValue, int.MinValue, 1 << 30];

    [Fact]
    public void Random_bytes_are_refused_or_read()
    {
        var random = new Random(101);
        for (int round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            if (bytes.Length > RecordBatchLayout.Magic && random.Next(4) > 0)
            {
                bytes[RecordBatchLayout.Magic] = (byte)random.Next(3);
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(RecordBatchLayout.Length), bytes.Length - 12);
            }

            Exercise(bytes, random, $"round {round}");
        }
    }

    [Fact]
    public void Mutated_golden_batches_are_refused_or_read()
    {
        var golden = GoldenRecords.Lines("batches.jsonl").Concat(GoldenRecords.Lines("damaged.jsonl"))
            .Select(line => line.Bytes()).Where(bytes => bytes.Length > 0).ToArray();
        var random = new Random(202);
        for (int round = 0; round < 30_000; round++)
        {
            var bytes = Mutate(golden[random.Next(golden.Length)], random);
            Exercise(bytes, random, $"round {round}");
        }
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Mutated_compressed_bytes_are_refused_or_expanded(CompressionType type)
    {
        var codec = CompressionCodecs.For(type);
        var random = new Random(303 + (int)type);
        var source = new byte[5_000];
        random.NextBytes(source.AsSpan(0, 500));
        byte[][] compressed = [codec.Compress(source), codec.Compress(source.AsSpan(0, 40)), codec.Compress([])];
        for (int round = 0; round < 5_000; round++)
        {
            var bytes = Mutate(compressed[random.Next(compressed.Length)], random);
            try
            {
                codec.Decompress(bytes, ExpandedBytesMax);
            }
            catch (RecordFormatException)
            {
            }
        }
    }

    [Fact]
    public void Every_cut_of_every_golden_batch_is_refused_or_read()
    {
        var random = new Random(404);
        foreach (var line in GoldenRecords.Lines("batches.jsonl"))
        {
            var bytes = line.Bytes();
            for (int length = 0; length < bytes.Length; length += 1 + (length / 100))
            {
                Exercise(bytes[..length], random, line.Case());
                var repaired = bytes[..length];
                Repair(repaired);
                Exercise(repaired, random, line.Case());
            }
        }
    }

    private static void Exercise(byte[] bytes, Random random, string name)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var rules = Rules[random.Next(Rules.Length)];
        var result = RecordBatchValidator.Validate(bytes, rules, NowMs, isFromClient: random.Next(3) > 0);
        if (result.Rejection is null)
            AssertAppendable(result, rules, name);
        ReadAll(bytes);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < AllocatedBytesMax, name);
    }

    /// <summary>What was accepted must be one batch that everyone can read, within the limit.</summary>
    private static void AssertAppendable(BatchValidation result, ValidationRules rules, string name)
    {
        var written = result.Bytes.ToArray();
        result.Stamp(written, [], 12_345, 6);
        Assert.True(RecordBatchView.TryRead(written, out var batch) == RecordBatchStatus.Ok, name);
        Assert.True(batch.SizeInBytes == written.Length && written.Length <= rules.BatchBytesMax, name);
        Assert.True(batch.IsCrcValid(), name);
        Assert.Equal(rules.TimestampType, batch.TimestampType);
        using var reader = new RecordReader(batch);
        long offset = batch.BaseOffset;
        while (reader.MoveNext())
            Assert.Equal(offset++, reader.Current.Offset);
        Assert.Equal(batch.RecordCount, offset - batch.BaseOffset);
        Assert.Equal(result.RecordCount, batch.RecordCount);
        Assert.Equal(result.MaxTimestampMs, batch.MaxTimestamp);
    }

    private static void ReadAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (RecordBatchView.TryRead(bytes, out var batch) == RecordBatchStatus.Ok)
            {
                bytes = bytes[batch.SizeInBytes..];
                batch.IsCrcValid();
                using var reader = new RecordReader(batch, ExpandedBytesMax);
                while (reader.MoveNext())
                {
                    foreach (var header in reader.Current.Headers)
                        _ = header.Key.Length + header.Value.Length;
                }
            }
        }
        catch (RecordFormatException)
        {
        }
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = random.Next(10) == 0 ? original[..random.Next(original.Length + 1)] : (byte[])original.Clone();
        for (int count = random.Next(4); count >= 0 && bytes.Length > 0; count--)
        {
            int position = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[position] = (byte)EdgeValues[random.Next(EdgeValues.Length)];
                    break;
                case 2 when position + 4 <= bytes.Length:
                    BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(position), EdgeValues[random.Next(EdgeValues.Length)]);
                    break;
                default:
                    bytes = [.. bytes.AsSpan(0, position), (byte)random.Next(256), .. bytes.AsSpan(position)];
                    break;
            }
        }

        if (random.Next(4) > 0)
            Repair(bytes);
        return bytes;
    }

    /// <summary>Makes length and checksum right, so that what lies behind them is reached.</summary>
    private static void Repair(byte[] bytes)
    {
        if (bytes.Length < RecordBatchLayout.Records)
            return;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(RecordBatchLayout.Length), bytes.Length - RecordBatchLayout.Overhead);
        if (bytes[RecordBatchLayout.Magic] == 2)
            RecordBatchEdit.WriteCrc(bytes);
    }
}
