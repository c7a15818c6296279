using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>
/// Applies a coordinator's log to a shard, from its start to its end: batches in any codec, transactional ones with their markers, tombstones.
/// Records of a type that only a newer broker knows, and control records of other kinds, are stepped over.
/// </summary>
internal sealed class ShardLoader(PartitionLog log, CoordinatorLog kind, ICoordinatorShard shard, int bufferBytes)
{
    /// <summary>Records applied so far.</summary>
    public long RecordCount { get; private set; }

    /// <summary>Bytes read so far.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Records of types that are not known here.</summary>
    public long UnknownCount { get; private set; }

    /// <summary>Loads everything; false when <paramref name="isUnwanted"/> said so in between.</summary>
    /// <exception cref="RecordFormatException">A batch is damaged.</exception>
    /// <exception cref="IOException">The log's files cannot be opened.</exception>
    /// <exception cref="WireFormatException">A record is damaged, or of a version that only a newer broker knows.</exception>
    public bool Load(Func<bool> isUnwanted)
    {
        long offset = log.LogStartOffset;
        while (offset < log.LogEndOffset)
        {
            if (isUnwanted())
                return false;

            LogSlice slice = log.Read(offset, bufferBytes, long.MaxValue, atLeastOneBatch: true);
            using (slice.Lease)
            {
                if (slice.Status == ReadStatus.Corrupt)
                    throw new RecordFormatException($"The log is damaged at offset {offset}.");
                if (slice.Status == ReadStatus.Failed)
                    throw new IOException($"The log cannot be read at offset {offset}.");
                if (slice.Status == ReadStatus.OutOfRange && log.LogStartOffset > offset)
                    offset = log.LogStartOffset;
                else if (slice.Memory.IsEmpty)
                    return true;
                else
                    offset = Apply(slice.Memory.Span, offset);
            }
        }

        return true;
    }

    private long Apply(ReadOnlySpan<byte> bytes, long offset)
    {
        SizeBytes += bytes.Length;
        long next = offset;
        while (!bytes.IsEmpty)
        {
            RecordBatchStatus status = RecordBatchView.TryRead(bytes, out RecordBatchView batch);
            if (status != RecordBatchStatus.Ok || !batch.IsCrcValid())
                throw new RecordFormatException($"The batch at offset {next} is damaged.");

            if (batch.IsControl)
                ApplyControl(batch);
            else
                ApplyRecords(batch, offset);
            next = batch.NextOffset;
            bytes = bytes[batch.SizeInBytes..];
        }

        return next;
    }

    private void ApplyControl(RecordBatchView batch)
    {
        using RecordReader reader = new(batch);
        while (reader.MoveNext())
        {
            ControlRecordType type = ControlRecords.ReadType(reader.Current);
            if (type is ControlRecordType.Commit or ControlRecordType.Abort)
                shard.ApplyMarker(batch.ProducerId, batch.ProducerEpoch, type == ControlRecordType.Commit);
        }
    }

    private void ApplyRecords(RecordBatchView batch, long firstOffset)
    {
        long producerId = batch.IsTransactional ? batch.ProducerId : -1;
        short producerEpoch = batch.IsTransactional ? batch.ProducerEpoch : (short)-1;
        using RecordReader reader = new(batch);
        while (reader.MoveNext())
        {
            RecordView record = reader.Current;
            if (record.Offset < firstOffset)
                continue;

            if (TryDecode(record, out CoordinatorRecord decoded))
            {
                shard.Apply(decoded, new RecordOrigin(record.Offset, record.TimestampMs, producerId, producerEpoch));
                RecordCount++;
            }
            else
            {
                UnknownCount++;
            }
        }
    }

    private bool TryDecode(RecordView record, out CoordinatorRecord decoded)
    {
        decoded = default;
        if (!record.HasKey)
            return false;

        // Messages keep slices of these bytes, so every record has its own.
        byte[] bytes = new byte[record.Key.Length + record.Value.Length];
        record.Key.CopyTo(bytes);
        record.Value.CopyTo(bytes.AsSpan(record.Key.Length));
        ReadOnlyMemory<byte> key = bytes.AsMemory(0, record.Key.Length);
        if (CoordinatorRecords.ReadKey(kind, key) is not { } keyMessage)
            return false;

        IMessage? value = record.HasValue
            ? CoordinatorRecords.ReadValue(kind, CoordinatorRecords.ReadType(key), bytes.AsMemory(record.Key.Length))
            : null;
        decoded = new CoordinatorRecord(keyMessage, value);
        return !record.HasValue || value is not null;
    }
}
