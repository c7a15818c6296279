using System.Text.Json;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Protocol.Tests.Records;

public class RecordBatchViewTests
{
    [Fact]
    public void Reads_every_header_field_of_the_golden_batches()
    {
        int batches = 0;
        foreach (var line in GoldenRecords.Lines("batches.jsonl"))
        {
            var bytes = line.Bytes().AsSpan();
            foreach (var expected in line.Batches())
            {
                Assert.Equal(RecordBatchStatus.Ok, RecordBatchView.TryRead(bytes, out var batch));
                AssertHeader(expected, batch, line.Case());
                bytes = bytes[batch.SizeInBytes..];
                batches++;
            }

            Assert.True(bytes.IsEmpty, line.Case());
        }

        Assert.True(batches > 60);
    }

    [Theory]
    [InlineData(0, RecordBatchStatus.NeedMoreBytes)]
    [InlineData(11, RecordBatchStatus.NeedMoreBytes)]
    [InlineData(16, RecordBatchStatus.NeedMoreBytes)]
    [InlineData(60, RecordBatchStatus.NeedMoreBytes)]
    [InlineData(69, RecordBatchStatus.NeedMoreBytes)]
    [InlineData(-1, RecordBatchStatus.Ok)]
    public void Asks_for_more_bytes_when_a_batch_is_cut(int length, RecordBatchStatus status)
    {
        var bytes = OneRecord();
        Assert.Equal(status, RecordBatchView.TryRead(length < 0 ? bytes : bytes.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(13)]
    [InlineData(48)]
    [InlineData(int.MaxValue)]
    public void Impossible_lengths_are_corrupt(int length)
    {
        var bytes = OneRecord();
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(RecordBatchLayout.Length), length);
        Assert.Equal(RecordBatchStatus.Corrupt, RecordBatchView.TryRead(bytes, out _));
    }

    [Fact]
    public void Unknown_magic_is_corrupt()
    {
        var bytes = OneRecord();
        bytes[RecordBatchLayout.Magic] = 3;
        Assert.Equal(RecordBatchStatus.Corrupt, RecordBatchView.TryRead(bytes, out _));
    }

    [Fact]
    public void Offset_and_leader_epoch_can_be_set_without_breaking_the_checksum()
    {
        var bytes = OneRecord();
        RecordBatchEdit.SetBaseOffset(bytes, 1L << 40);
        RecordBatchEdit.SetPartitionLeaderEpoch(bytes, 17);

        RecordBatchView.TryRead(bytes, out var batch);
        Assert.True(batch.IsCrcValid());
        Assert.Equal(1L << 40, batch.LastOffset);
        Assert.Equal((1L << 40) + 1, batch.NextOffset);
        Assert.Equal(17, batch.PartitionLeaderEpoch);
    }

    [Fact]
    public void Append_time_replaces_type_and_timestamp_and_renews_the_checksum()
    {
        var bytes = OneRecord();
        RecordBatchEdit.SetAppendTime(bytes, 1_700_000_000_000);

        RecordBatchView.TryRead(bytes, out var batch);
        Assert.True(batch.IsCrcValid());
        Assert.Equal(TimestampType.LogAppendTime, batch.TimestampType);
        Assert.Equal(1_700_000_000_000, batch.MaxTimestamp);
        Assert.Equal(5, batch.BaseTimestamp);
    }

    [Fact]
    public void A_flipped_bit_breaks_the_checksum()
    {
        var bytes = OneRecord();
        bytes[^1] ^= 0x10;
        RecordBatchView.TryRead(bytes, out var batch);
        Assert.False(batch.IsCrcValid());
    }

    internal static void AssertHeader(JsonElement expected, RecordBatchView batch, string name)
    {
        long Number(string field) => expected.GetProperty(field).GetInt64();
        Assert.True(batch.IsCrcValid(), name);
        Assert.Equal(Number("magic"), batch.Magic);
        Assert.Equal(Number("sizeInBytes"), batch.SizeInBytes);
        Assert.Equal(Number("crc"), batch.Crc);
        Assert.Equal(expected.GetProperty("compression").GetString(), batch.Codec.ToString().ToLowerInvariant());
        Assert.Equal(
            expected.GetProperty("timestampType").GetString(),
            batch.TimestampType == TimestampType.None ? "NoTimestampType" : batch.TimestampType.ToString());
        Assert.Equal(Number("maxTimestamp"), batch.MaxTimestamp);
        if (batch.Magic >= 2)
            GoldenBatch.AssertHeader(expected, batch);
    }

    private static byte[] OneRecord()
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions());
        builder.Append(5, null, new byte[2]);
        return builder.Build();
    }
}
