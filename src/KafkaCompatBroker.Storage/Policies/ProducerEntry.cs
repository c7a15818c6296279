using System.Runtime.CompilerServices;

namespace KafkaCompatBroker.Storage.Policies;

/// <summary>State of one producer on one partition: its epoch, its last batches and its open transaction.</summary>
public sealed class ProducerEntry(long producerId)
{
    /// <summary>Batches remembered for each producer; the most that a client may have in flight.</summary>
    public const int BatchesKept = 5;

    private BatchWindow _batches;
    private int _count;

    public long ProducerId { get; } = producerId;

    /// <summary>-1 while unknown.</summary>
    public short ProducerEpoch { get; private set; } = -1;

    public int CoordinatorEpoch { get; private set; } = -1;

    public long LastTimestampMs { get; private set; } = -1;

    /// <summary>First offset of the open transaction; -1 without one.</summary>
    public long TransactionFirstOffset { get; private set; } = -1;

    public bool HasBatches => _count > 0;

    public int LastSequence => _count == 0 ? -1 : _batches[_count - 1].LastSequence;

    public long LastOffset => _count == 0 ? -1 : _batches[_count - 1].LastOffset;

    public int LastOffsetDelta => _count == 0 ? 0 : _batches[_count - 1].OffsetDelta;

    public bool TryFindDuplicate(in ProducerBatch batch, out WrittenBatch written)
    {
        if (batch.ProducerEpoch == ProducerEpoch)
        {
            for (int at = 0; at < _count; at++)
            {
                if (_batches[at].BaseSequence == batch.BaseSequence && _batches[at].LastSequence == batch.LastSequence)
                {
                    written = _batches[at];
                    return true;
                }
            }
        }

        written = default;
        return false;
    }

    internal void Append(in ProducerBatch batch)
    {
        TakeEpoch(batch.ProducerEpoch);
        if (_count == BatchesKept)
        {
            for (int at = 1; at < BatchesKept; at++)
            {
                _batches[at - 1] = _batches[at];
            }

            _count--;
        }

        int delta = (int)(batch.LastOffset - batch.BaseOffset);
        _batches[_count++] = new WrittenBatch(batch.LastSequence, batch.LastOffset, delta, batch.MaxTimestampMs);
        LastTimestampMs = batch.MaxTimestampMs;
        if (batch.IsTransactional && TransactionFirstOffset < 0)
        {
            TransactionFirstOffset = batch.BaseOffset;
        }
    }

    /// <summary>Returns the first offset of the transaction that ended, -1 when none was open.</summary>
    internal long End(short epoch, int coordinatorEpoch, long timestampMs)
    {
        TakeEpoch(epoch);
        CoordinatorEpoch = coordinatorEpoch;
        LastTimestampMs = timestampMs;
        long first = TransactionFirstOffset;
        TransactionFirstOffset = -1;
        return first;
    }

    internal static ProducerEntry Restore(in ProducerRecord record)
    {
        var entry = new ProducerEntry(record.ProducerId)
        {
            ProducerEpoch = record.ProducerEpoch,
            CoordinatorEpoch = record.CoordinatorEpoch,
            LastTimestampMs = record.TimestampMs,
            TransactionFirstOffset = record.TransactionFirstOffset >= 0 ? record.TransactionFirstOffset : -1,
        };
        if (record.LastOffset >= 0)
        {
            entry._batches[entry._count++] = new WrittenBatch(record.LastSequence, record.LastOffset, record.OffsetDelta, record.TimestampMs);
        }

        return entry;
    }

    internal ProducerRecord ToRecord() => new(
        ProducerId, ProducerEpoch, LastSequence, LastOffset, LastOffsetDelta, LastTimestampMs, CoordinatorEpoch, TransactionFirstOffset);

    private void TakeEpoch(short epoch)
    {
        if (epoch != ProducerEpoch)
        {
            _count = 0;
            ProducerEpoch = epoch;
        }
    }

    [InlineArray(BatchesKept)]
    private struct BatchWindow
    {
        private WrittenBatch _first;
    }
}

/// <summary>One entry of a producer snapshot; also what DescribeProducers tells.</summary>
public readonly record struct ProducerRecord(
    long ProducerId,
    short ProducerEpoch,
    int LastSequence,
    long LastOffset,
    int OffsetDelta,
    long TimestampMs,
    int CoordinatorEpoch,
    long TransactionFirstOffset);
