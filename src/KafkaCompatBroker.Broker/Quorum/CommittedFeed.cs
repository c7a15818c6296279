using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Gives committed records to the state machine, each once and in order: first a snapshot, then the log, then what this node itself
/// proposed, which it need not read back. The driver's thread only.
/// </summary>
internal sealed class CommittedFeed(RaftLogAdapter log, IMetadataStateMachine machine)
{
    private readonly Queue<(long BaseOffset, int Epoch, ProposedBatch Batch, PendingAppend? Completes)> _proposed = new();

    // Records of a transaction (KIP-868) are applied when it ends, all at once or not at all; null outside of one.
    private List<IMessage>? _transaction;

    /// <summary>Everything below has been applied.</summary>
    public long Applied { get; private set; }

    /// <summary>Epoch of the last batch applied.</summary>
    public int Epoch { get; private set; }

    /// <summary>Time of the last batch applied, ms since the epoch.</summary>
    public long TimestampMs { get; private set; }

    /// <summary>Bytes of the log since the last snapshot.</summary>
    public long BytesSinceSnapshot { get; private set; }

    /// <summary>Whether the state lacks records of a transaction that is still open: no snapshot may be taken then.</summary>
    public bool IsInTransaction => _transaction is not null;

    public void Load(Snapshot snapshot)
    {
        machine.Load(snapshot.Id.Offset - 1, snapshot.Id.Epoch, snapshot.Records);
        (Applied, Epoch, TimestampMs) = (snapshot.Id.Offset, snapshot.Id.Epoch, snapshot.LastContainedTimestampMs);
        (_transaction, BytesSinceSnapshot) = (null, 0);
    }

    public void Proposed(long baseOffset, int epoch, ProposedBatch batch, PendingAppend? completes) => _proposed.Enqueue((baseOffset, epoch, batch, completes));

    public void AdvanceTo(long highWatermark)
    {
        while (Applied < highWatermark)
        {
            if (_proposed.TryPeek(out var next) && next.BaseOffset == Applied) ApplyProposed();
            else ReadTo(_proposed.Count > 0 ? Math.Min(highWatermark, next.BaseOffset) : highWatermark);
        }
    }

    public void FailProposed(Exception reason)
    {
        foreach (var (_, _, _, completes) in _proposed) completes?.Fail(reason);
        _proposed.Clear();
    }

    public void SnapshotTaken() => BytesSinceSnapshot = 0;

    private void ApplyProposed()
    {
        var (baseOffset, epoch, batch, completes) = _proposed.Dequeue();
        Apply(baseOffset + batch.Records.Count, epoch, batch.TimestampMs, batch.Bytes.Length, batch.Records);
        completes?.Complete(Applied - 1);
    }

    private void ReadTo(long endOffset)
    {
        var contents = log.ReadContents(Applied, endOffset);
        if (contents.Count == 0) throw new InvalidOperationException($"The metadata log has nothing at {Applied}, below the high watermark {endOffset}.");
        foreach (var batch in contents)
            if (batch.NextOffset > Applied) Apply(batch.NextOffset, batch.Epoch, batch.TimestampMs, batch.SizeBytes, batch.Records);
    }

    private void Apply(long nextOffset, int epoch, long timestampMs, int sizeBytes, IReadOnlyList<IMessage> records)
    {
        (Applied, Epoch, TimestampMs) = (nextOffset, epoch, timestampMs);
        BytesSinceSnapshot += sizeBytes;
        machine.Committed(nextOffset - 1, epoch, Visible(records));
    }

    private IReadOnlyList<IMessage> Visible(IReadOnlyList<IMessage> records)
    {
        if (_transaction is null && !records.Any(static record => record is BeginTransactionRecord)) return records;
        var visible = new List<IMessage>();
        foreach (var record in records)
        {
            switch (record)
            {
                case BeginTransactionRecord: _transaction = []; break;
                case EndTransactionRecord:
                    visible.AddRange(_transaction ?? []);
                    _transaction = null;
                    break;
                case AbortTransactionRecord: _transaction = null; break;
                default: (_transaction ?? visible).Add(record); break;
            }
        }
        return visible;
    }
}
