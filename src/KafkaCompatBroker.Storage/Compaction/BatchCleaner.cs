using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Compaction;

/// <summary>What a round of compaction knows when it looks at a batch.</summary>
/// <param name="Keys">The latest offset of each key of the dirty part.</param>
/// <param name="FirstUncleanable">Where the round ends; the batch that ends there stays, so that the offsets it covers stay known.</param>
/// <param name="LastBatches">The last batch of each producer, which stays so that its sequence numbers go on.</param>
/// <param name="DeleteRetentionMs">delete.retention.ms: how long tombstones and markers stay after they were first seen.</param>
/// <param name="NowMs">When the round began.</param>
internal sealed record CleaningRound(
    KeyOffsets Keys, long FirstUncleanable, IReadOnlyDictionary<long, ProducerRecord> LastBatches, long DeleteRetentionMs, long NowMs);

/// <summary>
/// Decides what stays of one batch after the other. Offsets, sequence numbers and the range of a batch never change; a batch that loses nothing stays byte
/// for byte. A tombstone or marker gets a delete horizon when it is first seen and goes in a round after that time (KIP-534).
/// </summary>
internal sealed class BatchCleaner(CleaningRound round)
{
    private readonly CleanedTransactions _transactions = new();
    private readonly List<bool> _stays = [];

    public void Expect(IEnumerable<AbortedTransaction> transactions) => _transactions.Expect(transactions);

    /// <summary>What is to be written in place of the batch; empty when it goes.</summary>
    /// <param name="batch">The next batch of the log.</param>
    /// <param name="aborted">The aborted transaction whose marker it is, if the index must go on naming it.</param>
    /// <exception cref="RecordFormatException">The batch cannot be read.</exception>
    public ReadOnlySpan<byte> Clean(in RecordBatchView batch, out AbortedTransaction? aborted)
    {
        bool isUseless = _transactions.IsUseless(batch, out aborted);
        if (batch.BaseOffset > round.Keys.LatestOffset)
        {
            return batch.Bytes;
        }

        if (isUseless && (!batch.IsControl || batch.DeleteHorizonMs <= round.NowMs))
        {
            return StaysEmpty(batch) ? Empty(batch) : default;
        }

        int left = Choose(batch, out bool hasTombstones);
        if (left == 0)
        {
            return StaysEmpty(batch) ? Empty(batch) : default;
        }

        bool needsHorizon = (hasTombstones || (isUseless && batch.IsControl)) && batch.DeleteHorizonMs is null;
        return left == _stays.Count && !needsHorizon ? batch.Bytes : Rebuild(batch, needsHorizon);
    }

    // Fills _stays, a flag for each record.
    private int Choose(in RecordBatchView batch, out bool hasTombstones)
    {
        _stays.Clear();
        hasTombstones = false;
        int left = 0;
        bool keepsTombstones = batch.DeleteHorizonMs is not { } horizonMs || round.NowMs < horizonMs;
        using var records = new RecordReader(batch);
        while (records.MoveNext())
        {
            RecordView record = records.Current;
            bool stays = batch.IsControl || IsLatest(record, keepsTombstones);
            _stays.Add(stays);
            left += stays ? 1 : 0;
            hasTombstones |= stays && !record.HasValue && !batch.IsControl;
        }

        return left;
    }

    private bool IsLatest(in RecordView record, bool keepsTombstones)
        => record.Offset > round.Keys.LatestOffset
            || (record.HasKey && record.Offset >= round.Keys.Find(record.Key) && (record.HasValue || keepsTombstones));

    private bool StaysEmpty(in RecordBatchView batch)
        => batch.NextOffset == round.FirstUncleanable
            || (batch.HasProducerId
                && round.LastBatches.TryGetValue(batch.ProducerId, out ProducerRecord last)
                && (last.LastOffset >= 0 ? batch.LastOffset == last.LastOffset : batch.IsControl && batch.ProducerEpoch == last.ProducerEpoch));

    private byte[] Rebuild(in RecordBatchView batch, bool needsHorizon)
    {
        RecordBatchBuilder? builder = null;
        int at = 0;
        using var records = new RecordReader(batch);
        while (records.MoveNext())
        {
            if (_stays[at++])
            {
                // A compressed wrapper of the old formats names only its last offset.
                builder ??= new RecordBatchBuilder(
                    HeaderOf(batch) with
                    {
                        BaseOffset = batch.Magic < 2 ? records.Current.Offset : batch.BaseOffset,
                        DeleteHorizonMs = needsHorizon ? round.NowMs + round.DeleteRetentionMs : batch.DeleteHorizonMs,
                    },
                    batch.SizeInBytes);
                builder.AppendCopy(records.Current.Offset, records.Current);
            }
        }

        return builder!.Build();
    }

    private static byte[] Empty(in RecordBatchView batch)
    {
        byte[] bytes = new RecordBatchBuilder(HeaderOf(batch) with { Codec = CompressionType.None }).Build();
        RecordBatchEdit.SetMaxTimestamp(bytes, batch.TimestampType, batch.MaxTimestamp);
        return bytes;
    }

    private static RecordBatchOptions HeaderOf(in RecordBatchView batch) => new()
    {
        BaseOffset = batch.BaseOffset,
        LastOffset = batch.LastOffset,
        PartitionLeaderEpoch = batch.PartitionLeaderEpoch,
        Codec = batch.Codec,
        TimestampType = batch.TimestampType,
        LogAppendTimeMs = batch.MaxTimestamp,
        ProducerId = batch.ProducerId,
        ProducerEpoch = batch.ProducerEpoch,
        BaseSequence = batch.BaseSequence,
        IsTransactional = batch.IsTransactional,
        IsControl = batch.IsControl,
    };
}
