using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>Batches as clients and coordinators send them.</summary>
internal static class Batches
{
    public static byte[] Of(params string[] values) => At(1_000, values);

    public static byte[] At(long timestampMs, params string[] values) => Build(new RecordBatchOptions(), timestampMs, values);

    public static byte[] Sized(int valueBytes, long timestampMs = 1_000) => Build(new RecordBatchOptions(), timestampMs, new string('x', valueBytes));

    public static byte[] Produced(long producerId, short epoch, int sequence, int count = 1, bool transactional = false, long timestampMs = 1_000)
        => Build(
            new RecordBatchOptions { ProducerId = producerId, ProducerEpoch = epoch, BaseSequence = sequence, IsTransactional = transactional },
            timestampMs,
            [.. Enumerable.Range(0, count).Select(at => $"p{producerId}-{sequence + at}")]);

    public static byte[] Marker(bool commit, long producerId, short epoch, int coordinatorEpoch = 0, long timestampMs = 1_000)
        => ControlRecords.EndTransactionMarker(commit, producerId, epoch, coordinatorEpoch, timestampMs);

    /// <summary>A batch with offset and epoch as it is in a log.</summary>
    public static byte[] Assigned(byte[] batch, long baseOffset, int leaderEpoch)
    {
        byte[] copy = [.. batch];
        RecordBatchEdit.SetBaseOffset(copy, baseOffset);
        RecordBatchEdit.SetPartitionLeaderEpoch(copy, leaderEpoch);
        return copy;
    }

    private static byte[] Build(RecordBatchOptions options, long timestampMs, params string[] values)
    {
        var builder = new RecordBatchBuilder(options);
        foreach (string value in values)
        {
            builder.Append(timestampMs, null, System.Text.Encoding.UTF8.GetBytes(value));
        }

        return builder.Build();
    }
}
