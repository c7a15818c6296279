using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>Appends what a shard decided in one leader epoch, and applies it. Used inside the shard's mailbox only.</summary>
internal sealed class ShardWriter(CoordinatorOptions options, Partition partition, int leaderEpoch, ICoordinatorShard shard)
{
    // What a record needs at most beside its key and value: its length, times, offsets, and the lengths of both.
    private const int RecordOverheadMax = 32;

    // A buffer of a usual batch is kept without asking.
    private const int SmallBufferBytes = 64 * 1024;

    private RecordBatchBuilder? _builder;

    /// <summary>The offset after the last record that is in the log.</summary>
    public long EndOffset { get; private set; } = partition.Log.LogEndOffset;

    /// <summary>The high watermark as last seen; it may be higher by now.</summary>
    public long HighWatermark { get; private set; } = partition.HighWatermark;

    /// <summary>Whether everything that was appended is committed.</summary>
    public bool IsCommitted => EndOffset <= HighWatermark || EndOffset <= LookAtHighWatermark();

    /// <summary>Takes the high watermark over from the partition.</summary>
    public long LookAtHighWatermark() => HighWatermark = partition.HighWatermark;

    /// <summary>Appends the records of a step as one batch, then applies them. No batch may be open.</summary>
    /// <param name="step">The step.</param>
    /// <param name="maySplit">Whether several batches may hold the records when they are too many for one.</param>
    public ErrorCode Write(ShardStep step, bool maySplit) => Write(step, 0, step.Records.Count, maySplit);

    /// <summary>Appends the marker that ends a transaction, then applies it. No batch may be open.</summary>
    public ErrorCode WriteMarker(in TransactionMarker marker, long wallClockMs)
    {
        byte[] batch = ControlRecords.EndTransactionMarker(
            marker.IsCommit, marker.ProducerId, marker.ProducerEpoch, marker.CoordinatorEpoch, wallClockMs);
        ErrorCode error = Append(batch, wallClockMs, out _, marker.TransactionVersion);
        if (error == ErrorCode.None)
            shard.ApplyMarker(marker.ProducerId, marker.ProducerEpoch, marker.IsCommit);
        return error;
    }

    /// <summary>Begins a batch for the records of several steps; null while the log would refuse it, which a step should learn before it is applied.</summary>
    public OpenBatch? Open(ShardStep first, long dueMs) =>
        partition.CheckAppendOfCoordinator(leaderEpoch) == ErrorCode.None
            ? new OpenBatch(Restart(first), EndOffset, first.WallClockMs, dueMs)
            : null;

    /// <summary>Applies the records of a step and adds them to a batch; does nothing when it has no room for all of them.</summary>
    public bool TryGather(OpenBatch batch, ShardStep step)
    {
        (byte[] Key, byte[]? Value)[] encoded = [.. step.Records.Select(Encode)];
        long sizeMax = batch.Records.SizeInBytes + encoded.Sum(record => (long)record.Key.Length + (record.Value?.Length ?? 0) + RecordOverheadMax);
        if (sizeMax > Math.Min(partition.Log.Config.MessageBytesMax, partition.Log.Config.SegmentBytes))
            return false;

        for (int i = 0; i < encoded.Length; i++)
        {
            shard.Apply(step.Records[i], new RecordOrigin(batch.NextOffset, step.WallClockMs));
            batch.Records.Append(step.WallClockMs, encoded[i].Key, encoded[i].Value);
        }

        return true;
    }

    /// <summary>Appends a batch that was gathered.</summary>
    /// <returns>What the log said; NOT_LEADER_OR_FOLLOWER when it gave other offsets than those that were applied.</returns>
    public ErrorCode Append(OpenBatch batch)
    {
        ErrorCode error = Append(batch.Records.BuildInPlace(), batch.WallClockMs, out long offset);
        return error == ErrorCode.None && offset != batch.BaseOffset ? ErrorCode.NotLeaderOrFollower : error;
    }

    private ErrorCode Write(ShardStep step, int from, int to, bool maySplit)
    {
        RecordBatchBuilder builder = Restart(step);
        for (int i = from; i < to; i++)
        {
            (byte[] key, byte[]? value) = Encode(step.Records[i]);
            builder.Append(step.WallClockMs, key, value);
        }

        ErrorCode error = Append(builder.BuildInPlace(), step.WallClockMs, out long offset);
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

    private (byte[] Key, byte[]? Value) Encode(CoordinatorRecord record) => (
        CoordinatorRecords.WriteKey(options.Log, record.Key),
        record.Value is { } value ? CoordinatorRecords.WriteValue(value, record.ValueVersion) : null);

    private RecordBatchBuilder Restart(ShardStep step)
    {
        RecordBatchOptions header = new()
        {
            Codec = options.Codec,
            ProducerId = step.ProducerId,
            ProducerEpoch = step.ProducerEpoch,
            IsTransactional = step.ProducerId >= 0,
        };
        if (_builder is null)
            _builder = new RecordBatchBuilder(header);
        else
            _builder.Restart(header);
        return _builder;
    }

    private ErrorCode Append(ReadOnlyMemory<byte> batch, long wallClockMs, out long baseOffset, short markerVersion = 0)
    {
        AppendOutcome outcome = partition.AppendOfCoordinator(batch, leaderEpoch, wallClockMs, out long highWatermark, markerVersion);
        baseOffset = outcome.BaseOffset;
        if (outcome.Error == ErrorCode.None)
            (EndOffset, HighWatermark) = (outcome.LastOffset + 1, highWatermark);
        if (_builder?.Capacity > SmallBufferBytes && _builder.Capacity > options.KeptBufferBytesMax())
            _builder = null;
        return outcome.Error;
    }
}
