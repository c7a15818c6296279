using System.Text;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>A record as it was found in a log; a null key is that of a transaction marker here.</summary>
internal sealed record Kept(long Offset, long TimestampMs, string? Key, string? Value);

/// <summary>What of a batch's header matters to compaction.</summary>
internal sealed record KeptHeader(long BaseOffset, long LastOffset, int RecordCount, bool IsControl, short ProducerEpoch, int BaseSequence);

/// <summary>Records with keys, for compacted logs.</summary>
internal static class Keyed
{
    public static byte[] Batch(string key, string? value) => Batch(new RecordBatchOptions(), (key, value));

    public static byte[] At(long timestampMs, string key, string? value) => Build(new RecordBatchOptions(), timestampMs, [(key, value)]);

    /// <summary>Record times are 1000, 1001 and so on.</summary>
    public static byte[] Batch(RecordBatchOptions options, params (string Key, string? Value)[] records) => Build(options, 1_000, records);

    public static List<Kept> ReadAll(PartitionLog log, long from = 0)
    {
        var records = new List<Kept>();
        Visit(log, from, (in RecordBatchView batch) =>
        {
            using var reader = new RecordReader(batch);
            while (reader.MoveNext())
            {
                RecordView record = reader.Current;
                if (record.Offset >= from)
                {
                    records.Add(new Kept(
                        record.Offset,
                        record.TimestampMs,
                        batch.IsControl || !record.HasKey ? null : Encoding.UTF8.GetString(record.Key),
                        batch.IsControl || !record.HasValue ? null : Encoding.UTF8.GetString(record.Value)));
                }
            }
        });
        return records;
    }

    public static List<KeptHeader> Headers(PartitionLog log)
    {
        var headers = new List<KeptHeader>();
        Visit(log, 0, (in RecordBatchView batch) => headers.Add(
            new KeptHeader(batch.BaseOffset, batch.LastOffset, batch.RecordCount, batch.IsControl, batch.ProducerEpoch, batch.BaseSequence)));
        return headers;
    }

    private delegate void Visitor(in RecordBatchView batch);

    private static void Visit(PartitionLog log, long from, Visitor visit)
    {
        long next = from;
        while (true)
        {
            LogSlice slice = log.Read(next, 1024 * 1024, long.MaxValue, atLeastOneBatch: true);
            using (slice.Lease)
            {
                Assert.Equal(ReadStatus.Ok, slice.Status);
                ReadOnlySpan<byte> bytes = slice.Memory.Span;
                if (bytes.IsEmpty)
                {
                    return;
                }

                while (RecordBatchView.TryRead(bytes, out RecordBatchView batch) == RecordBatchStatus.Ok)
                {
                    Assert.True(batch.IsCrcValid());
                    Assert.True(batch.BaseOffset >= next || next == from, $"batch {batch.BaseOffset} after {next}");
                    visit(batch);
                    next = batch.NextOffset;
                    bytes = bytes[batch.SizeInBytes..];
                }
            }
        }
    }

    private static byte[] Build(RecordBatchOptions options, long timestampMs, (string Key, string? Value)[] records)
    {
        var builder = new RecordBatchBuilder(options);
        foreach ((string key, string? value) in records)
        {
            builder.Append(timestampMs++, Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value));
        }

        return builder.Build();
    }
}
