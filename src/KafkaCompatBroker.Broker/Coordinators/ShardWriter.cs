using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>Appends what a shard decided in one leader epoch, and applies it. Used inside the shard's mailbox only.</summary>
internal sealed class ShardWriter(CoordinatorOptions options, Partition partition, int leaderEpoch, ICoordinatorShard shard)
{
    /// <summary>The offset after the last record that this shard has applied.</summary>
    public long EndOffset { get; private set; } = partition.Log.LogEndOffset;

    /// <summary>The high watermark as last seen; it may be higher by now.</summary>
    public long HighWatermark { get; private set; } = partition.HighWatermark;

    /// <summary>Whether everything that was applied is committed.</summary>
    public bool IsCommitted => EndOffset <= HighWatermark || EndOffset <= LookAtHighWatermark();

    /// <summary>Takes the high watermark over from the partition.</summary>
    public long LookAtHighWatermark() => HighWatermark = partition.HighWatermark;

    /// <summary>Appends the records of a step as one batch, then applies them.</summary>
    /// <param name="step">The step.</param>
    /// <param name="maySplit">Whether several batches may hold the records when they are too many for one.</param>
    public ErrorCode Write(ShardStep step, bool maySplit) => Write(step, 0, step.Records.Count, maySplit);

    /// <summary>Appends the marker that ends a transaction, then applies it.</summary>
    public ErrorCode WriteMarker(in TransactionMarker marker, long wallClockMs)
    {
        byte[] batch = ControlRecords.EndTransactionMarker(
            marker.IsCommit, marker.ProducerId, marker.ProducerEpoch, marker.CoordinatorEpoch, wallClockMs);
        ErrorCode error = Append(batch, wallClockMs, out _, marker.TransactionVersion);
        if (error == ErrorCode.None)
            shard.ApplyMarker(marker.ProducerId, marker.ProducerEpoch, marker.IsCommit);
        return error;
    }

    private ErrorCode Write(ShardStep step, int from, int to, bool maySplit)
    {
        byte[] batch = Encode(step, from, to);
        ErrorCode error = Append(batch, step.WallClockMs, out long offset);
        if (maySplit && to - from > 1 && CoordinatorErrors.IsTooLarge(error))
        {
            int middle = from + ((to - from) / 2);
            error = Write(step, from, middle, maySplit);
            return error == ErrorCode.None ? Write(step, middle, to, maySplit) : error;
        }

        if (error != ErrorCode.None)
            return error;

        for (int i = from; i < to; i++)
            shard.Apply(step.Records[i], new RecordOrigin(offset++, step.WallClockMs, step.ProducerId, step.ProducerEpoch));
        return ErrorCode.None;
    }

    private byte[] Encode(ShardStep step, int from, int to)
    {
        RecordBatchBuilder builder = new(new RecordBatchOptions
        {
            Codec = options.Codec,
            ProducerId = step.ProducerId,
            ProducerEpoch = step.ProducerEpoch,
            IsTransactional = step.ProducerId >= 0,
        });
        for (int i = from; i < to; i++)
        {
            CoordinatorRecord record = step.Records[i];
            builder.Append(
                step.WallClockMs,
                CoordinatorRecords.WriteKey(options.Log, record.Key),
                record.Value is { } value ? CoordinatorRecords.WriteValue(value, record.ValueVersion) : null);
        }

        return builder.Build();
    }

    private ErrorCode Append(byte[] batch, long wallClockMs, out long baseOffset, short markerVersion = 0)
    {
        AppendOutcome outcome = partition.AppendOfCoordinator(batch, leaderEpoch, wallClockMs, out long highWatermark, markerVersion);
        baseOffset = outcome.BaseOffset;
        if (outcome.Error == ErrorCode.None)
            (EndOffset, HighWatermark) = (outcome.LastOffset + 1, highWatermark);
        return outcome.Error;
    }
}
