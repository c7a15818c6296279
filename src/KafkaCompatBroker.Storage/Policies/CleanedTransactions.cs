using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Policies;

/// <summary>
/// Follows the transactions of a log while it is compacted from its start: records of aborted transactions are of no use, and a marker is of none once
/// nothing of its transaction is left. Pure; sees every batch once, in order.
/// </summary>
public sealed class CleanedTransactions
{
    private readonly PriorityQueue<AbortedTransaction, long> _ahead = new();
    private readonly Dictionary<long, OpenAborted> _aborted = [];
    private readonly HashSet<long> _committed = [];

    /// <summary>Tells the aborted transactions that overlap the next batches. One that was told before does no harm.</summary>
    public void Expect(IEnumerable<AbortedTransaction> transactions)
    {
        foreach (AbortedTransaction transaction in transactions)
        {
            _ahead.Enqueue(transaction, transaction.FirstOffset);
        }
    }

    /// <summary>
    /// Whether a batch is of no use: of an aborted transaction, or a marker of a transaction of which nothing is left.
    /// </summary>
    /// <param name="batch">The next batch.</param>
    /// <param name="stays">The transaction whose abort marker this is, when records of it are still there: it belongs into the index.</param>
    /// <exception cref="RecordFormatException">A control batch cannot be read.</exception>
    public bool IsUseless(in RecordBatchView batch, out AbortedTransaction? stays)
    {
        stays = null;
        Begin(batch.LastOffset);
        if (batch.IsControl)
        {
            return IsUselessMarker(batch, out stays);
        }

        if (!batch.IsTransactional)
        {
            return false;
        }

        if (_aborted.TryGetValue(batch.ProducerId, out OpenAborted? aborted))
        {
            aborted.HasRecords = true;
            return true;
        }

        _committed.Add(batch.ProducerId);
        return false;
    }

    private bool IsUselessMarker(in RecordBatchView batch, out AbortedTransaction? stays)
    {
        stays = null;
        using var records = new RecordReader(batch);
        if (!records.MoveNext())
        {
            return true;
        }

        switch (ControlRecords.ReadType(records.Current))
        {
            case ControlRecordType.Abort:
                stays = _aborted.Remove(batch.ProducerId, out OpenAborted? aborted) && aborted.HasRecords ? aborted.Transaction : null;
                return stays is null;
            case ControlRecordType.Commit:
                return !_committed.Remove(batch.ProducerId);
            default:
                return false;
        }
    }

    private void Begin(long offset)
    {
        while (_ahead.TryPeek(out AbortedTransaction transaction, out long firstOffset) && firstOffset <= offset)
        {
            _ahead.Dequeue();
            _aborted.TryAdd(transaction.ProducerId, new OpenAborted(transaction));
        }
    }

    private sealed class OpenAborted(AbortedTransaction transaction)
    {
        public AbortedTransaction Transaction { get; } = transaction;

        public bool HasRecords { get; set; }
    }
}
