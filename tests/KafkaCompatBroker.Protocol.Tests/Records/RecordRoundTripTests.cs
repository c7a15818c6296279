using FsCheck;
using FsCheck.Fluent;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Records.Compression;

namespace KafkaCompatBroker.Protocol.Tests.Records;

public class RecordRoundTripTests
{
    private sealed record Sample(long TimestampMs, byte[]? Key, byte[]? Value, (byte[] Key, byte[]? Value)[] Headers);

    private static readonly Gen<byte[]> Bytes = Gen.OneOf(
        ArbMap.Default.GeneratorFor<byte[]>(),
        Gen.Choose(0, 3_000).Select(length => new byte[length]),
        Gen.Choose(0, 100_000).Select(length => Noise(length, length)));

    private static readonly Gen<byte[]?> NullableBytes = Gen.Frequency<byte[]?>(
        (1, Gen.Constant<byte[]?>(null)),
        (5, ArbMap.Default.GeneratorFor<byte[]>().Select(bytes => (byte[]?)bytes)),
        (1, Bytes.Select(bytes => (byte[]?)bytes)));

    private static readonly Gen<Sample> Samples =
        from timestamp in Gen.OneOf(Gen.Choose(-1, 1_000).Select(value => (long)value), ArbMap.Default.GeneratorFor<long>())
        from key in NullableBytes
        from value in NullableBytes
        from headerKeys in ArbMap.Default.GeneratorFor<byte[][]>()
        from headerValue in NullableBytes
        select new Sample(timestamp, key, value, [.. headerKeys.Take(5).Select(name => (name, headerValue))]);

    public static TheoryData<CompressionType, int?> Levels => new()
    {
        { CompressionType.None, null },
        { CompressionType.Gzip, null },
        { CompressionType.Gzip, 1 },
        { CompressionType.Gzip, 9 },
        { CompressionType.Snappy, null },
        { CompressionType.Lz4, null },
        { CompressionType.Lz4, 1 },
        { CompressionType.Lz4, 17 },
        { CompressionType.Zstd, null },
        { CompressionType.Zstd, -131_072 },
        { CompressionType.Zstd, 19 },
    };

    [Theory]
    [MemberData(nameof(Levels))]
    public void What_is_written_is_read(CompressionType codec, int? level)
    {
        var batches = Samples.ListOf().Where(samples => samples.Count > 0);
        Prop.ForAll(batches.ToArbitrary(), samples => RoundTrips([.. samples], codec, level))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(level == 19 ? 5 : 40));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void What_is_compressed_expands_to_the_same(CompressionType type, int? level)
    {
        if (type == CompressionType.None)
            return;
        var codec = CompressionCodecs.For(type);
        Prop.ForAll(Bytes.ToArbitrary(), bytes => codec.Decompress(codec.Compress(bytes, level), 1 << 20).SequenceEqual(bytes))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(level == 19 ? 5 : 40));
    }

    [Theory]
    [InlineData(CompressionType.Snappy, 32 * 1024)]
    [InlineData(CompressionType.Lz4, 64 * 1024)]
    public void Sizes_around_a_block_expand_to_the_same(CompressionType type, int blockSize)
    {
        var codec = CompressionCodecs.For(type);
        foreach (int length in new[] { 1, 15, 16, 17, blockSize - 1, blockSize, blockSize + 1, (3 * blockSize) + 5 })
        {
            byte[] noise = Noise(length, length), zeros = new byte[length];
            Assert.Equal(noise, codec.Decompress(codec.Compress(noise), length));
            Assert.Equal(zeros, codec.Decompress(codec.Compress(zeros), length));
        }
    }

    private static bool RoundTrips(Sample[] samples, CompressionType codec, int? level)
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions { BaseOffset = 77, Codec = codec, CompressionLevel = level });
        foreach (var sample in samples)
        {
            var headers = sample.Headers.Select(header => new RecordHeader(header.Key.AsMemory(), Memory(header.Value)));
            builder.Append(sample.TimestampMs, sample.Key, sample.Value, headers.ToArray());
        }

        var bytes = builder.Build();
        RecordBatchView.TryRead(bytes, out var batch);
        using var reader = new RecordReader(batch);
        for (int index = 0; index < samples.Length; index++)
        {
            if (!reader.MoveNext() || reader.Current.Offset != 77 + index || !Equal(samples[index], reader.Current))
                return false;
        }

        return !reader.MoveNext() && batch.IsCrcValid() && batch.RecordCount == samples.Length;
    }

    private static bool Equal(Sample sample, RecordView record)
    {
        if (record.TimestampMs != sample.TimestampMs || !Equal(sample.Key, record.HasKey, record.Key)
            || !Equal(sample.Value, record.HasValue, record.Value) || record.HeaderCount != sample.Headers.Length)
            return false;
        int index = 0;
        foreach (var header in record.Headers)
        {
            var (key, value) = sample.Headers[index++];
            if (!header.Key.SequenceEqual(key) || !Equal(value, header.HasValue, header.Value))
                return false;
        }

        return true;
    }

    private static bool Equal(byte[]? expected, bool present, ReadOnlySpan<byte> bytes) =>
        expected is null ? !present : present && bytes.SequenceEqual(expected);

    private static ReadOnlyMemory<byte>? Memory(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : bytes.AsMemory();

    private static byte[] Noise(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
