using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Records.Compression;

namespace KafkaCompatBroker.Protocol.Tests.Records;

public class RecordBatchValidatorTests
{
    private const long NowMs = 1_700_000_000_000;

    public static TheoryData<CompressionType> Codecs => [.. Enum.GetValues<CompressionType>()];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Keeps_the_bytes_of_a_good_batch(CompressionType codec)
    {
        ReadOnlyMemory<byte> sent = Batch(codec, 100);
        var result = RecordBatchValidator.Validate(sent, new ValidationRules(), NowMs);
        Assert.Null(result.Rejection);
        Assert.True(result.Bytes.Equals(sent));
        Assert.Equal(100, result.RecordCount);
        Assert.Equal(NowMs + 99, result.MaxTimestampMs);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Builds_a_batch_anew_in_the_codec_of_the_topic(CompressionType target)
    {
        foreach (var source in Enum.GetValues<CompressionType>())
        {
            var sent = Batch(source, 50);
            var result = RecordBatchValidator.Validate(sent, new ValidationRules { TargetCodec = target }, NowMs);
            Assert.Null(result.Rejection);
            RecordBatchView.TryRead(result.Bytes.Span, out var stored);
            Assert.Equal(target, stored.Codec);
            Assert.Equal(Values(sent), Values(result.Bytes.Span));
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Validating_allocates_nothing_for_each_record(CompressionType codec)
    {
        ReadOnlyMemory<byte> few = Batch(codec, 5), many = Batch(codec, 5_000);
        var rules = new ValidationRules();
        long AllocatedBy(ReadOnlyMemory<byte> bytes)
        {
            RecordBatchValidator.Validate(bytes, rules, NowMs);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var result = RecordBatchValidator.Validate(bytes, rules, NowMs);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Null(result.Rejection);
            return allocated;
        }

        long ofFew = AllocatedBy(few), ofMany = AllocatedBy(many);
        if (codec == CompressionType.Gzip)
            Assert.InRange(ofMany, 0, ofFew + 4_096);
        else
            Assert.Equal((0, 0), (ofFew, ofMany));
    }

    [Theory]
    [InlineData(CompressionType.Gzip, 1_000, false)]
    [InlineData(CompressionType.Gzip, 3_000, true)]
    [InlineData(CompressionType.None, 1_000, true)]
    public void A_record_of_a_compressed_batch_may_not_expand_too_far(CompressionType codec, int recordBytesMax, bool isAccepted)
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions { Codec = codec });
        builder.Append(1_000, null, new byte[2_000]);
        var result = RecordBatchValidator.Validate(builder.Build(), new ValidationRules { ExpandedRecordBytesMax = recordBytesMax }, 1_000);
        Assert.Equal(isAccepted ? null : ErrorCode.InvalidRecord, result.Rejection?.Error);
    }

    [Fact]
    public void Append_time_replaces_the_timestamps_when_stamped()
    {
        var rules = new ValidationRules { TimestampType = TimestampType.LogAppendTime };
        var result = RecordBatchValidator.Validate(Batch(CompressionType.Lz4, 3), rules, NowMs + 5_000);
        var written = result.Bytes.ToArray();
        result.Stamp(written, [], 1_000, 9);

        RecordBatchView.TryRead(written, out var batch);
        Assert.True(batch.IsCrcValid());
        Assert.Equal(NowMs + 5_000, batch.MaxTimestamp);
        Assert.Equal(TimestampType.LogAppendTime, batch.TimestampType);
        Assert.Equal((1_002, 9), (batch.LastOffset, batch.PartitionLeaderEpoch));
    }

    // Snappy is not among them: its format cannot shrink anything to less than a 22nd.
    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void A_decompression_bomb_is_refused_in_bounded_memory(CompressionType codec)
    {
        var bomb = Bomb(codec);
        var rules = new ValidationRules { BatchBytesMax = Math.Max(bomb.Length, 1_000) };
        RecordBatchValidator.Validate(bomb, rules, NowMs);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var result = RecordBatchValidator.Validate(bomb, rules, NowMs);
        Assert.Equal(ErrorCode.InvalidRecord, result.Rejection!.Error);
        Assert.Contains("expands to more than", result.Rejection.Reason, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_zstd_window_above_128_MiB_is_refused()
    {
        // Frame header: no content size, window descriptor 2^31; then a last, raw block of no bytes.
        byte[] frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 21 << 3, 0x01, 0x00, 0x00];
        var failure = Assert.Throws<RecordFormatException>(
            () => CompressionCodecs.For(CompressionType.Zstd).Decompress(frame, 1_000));
        Assert.Contains("zstd", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Coordinators_may_write_control_records_and_clients_may_not()
    {
        var marker = ControlRecords.EndTransactionMarker(true, 7, 0, 3, NowMs);
        var rules = new ValidationRules { TargetCodec = CompressionType.Gzip };
        Assert.Equal(ErrorCode.InvalidRecord, RecordBatchValidator.Validate(marker, rules, NowMs).Rejection!.Error);
        var result = RecordBatchValidator.Validate(marker, rules, NowMs, isFromClient: false);
        Assert.Null(result.Rejection);
        Assert.Equal(marker, result.Bytes.ToArray());
    }

    [Fact]
    public void Zstd_is_refused_below_the_version_that_knows_it()
    {
        var result = RecordBatchValidator.Validate(Batch(CompressionType.Zstd, 1), new ValidationRules(), NowMs, allowsZstd: false);
        Assert.Equal(ErrorCode.UnsupportedCompressionType, result.Rejection!.Error);
    }

    [Fact]
    public void A_batch_that_grows_above_the_limit_when_compressed_anew_is_refused()
    {
        var sent = Batch(CompressionType.Zstd, 1_000);
        var rules = new ValidationRules { TargetCodec = CompressionType.None, BatchBytesMax = sent.Length + 100 };
        Assert.Equal(ErrorCode.MessageTooLarge, RecordBatchValidator.Validate(sent, rules, NowMs).Rejection!.Error);
    }

    [Theory]
    [InlineData(-1_000, true)]
    [InlineData(-1_001, false)]
    [InlineData(2_000, true)]
    [InlineData(2_001, false)]
    public void Timestamps_are_bounded_on_both_sides(long distance, bool accepted)
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions());
        builder.Append(NowMs + distance, null, [1]);
        var rules = new ValidationRules { TimestampBeforeMaxMs = 1_000, TimestampAfterMaxMs = 2_000 };
        var rejection = RecordBatchValidator.Validate(builder.Build(), rules, NowMs).Rejection;
        Assert.Equal(accepted ? null : ErrorCode.InvalidTimestamp, rejection?.Error);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Extreme_timestamps_do_not_wrap_around_the_bounds(long timestamp)
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions());
        builder.Append(timestamp, null, [1]);
        var result = RecordBatchValidator.Validate(builder.Build(), new ValidationRules(), NowMs);
        Assert.Equal(ErrorCode.InvalidTimestamp, result.Rejection!.Error);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(17)]
    public void An_impossible_length_is_refused_before_the_magic_is_there(int size)
    {
        var bytes = new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(RecordBatchLayout.Length), int.MaxValue);
        Assert.Equal(ErrorCode.CorruptMessage, RecordBatchValidator.Validate(bytes, new ValidationRules(), NowMs).Rejection!.Error);
    }

    [Fact]
    public void Record_errors_are_bounded()
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions());
        for (int index = 0; index < 5_000; index++)
            builder.Append(NowMs, null, [1]);
        var result = RecordBatchValidator.Validate(builder.Build(), new ValidationRules { IsCompacted = true }, NowMs);
        Assert.Equal(RecordLimits.RecordErrorsMax, result.Rejection!.RecordErrors.Count);
    }

    internal static byte[] Batch(CompressionType codec, int count)
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions { Codec = codec });
        var header = new RecordHeader("trace", new byte[] { 1, 2, 3 });
        for (int index = 0; index < count; index++)
            builder.Append(NowMs + index, BitConverter.GetBytes(index), new byte[100], [header]);
        return builder.Build();
    }

    private static byte[] Bomb(CompressionType codec)
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions { Codec = codec });
        for (int index = 0; index < 200; index++)
            builder.Append(NowMs, null, new byte[1_000_000]);
        return builder.Build();
    }

    private static List<string> Values(ReadOnlySpan<byte> bytes)
    {
        RecordBatchView.TryRead(bytes, out var batch);
        var values = new List<string>();
        using var reader = new RecordReader(batch);
        while (reader.MoveNext())
        {
            var record = reader.Current;
            values.Add($"{record.Offset} {record.TimestampMs} {Convert.ToHexString(record.Key)} {record.Value.Length} "
                + $"{record.HeaderCount} {Convert.ToHexString(record.Tail)}");
        }

        return values;
    }
}
