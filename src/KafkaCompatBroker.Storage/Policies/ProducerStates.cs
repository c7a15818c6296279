namespace KafkaCompatBroker.Storage.Policies;

/// <summary>
/// State of the idempotent and transactional producers of one partition. Pure: decide with <see cref="Check"/>, then <see cref="Apply"/> what was
/// appended; the same calls rebuild it from a snapshot and the batches after it.
/// </summary>
public sealed class ProducerStates
{
    private readonly Dictionary<long, ProducerEntry> _producers = [];
    private readonly SortedDictionary<long, long> _ongoing = [];
    private readonly SortedDictionary<long, long> _unreplicated = [];

    /// <summary>Offset after the last batch that is reflected here.</summary>
    public long EndOffset { get; private set; }

    public int Count => _producers.Count;

    /// <summary>First offset that no read_committed consumer may pass yet: of an open transaction, or of one whose marker is not replicated; -1 without any.</summary>
    public long FirstUnstableOffset
    {
        get
        {
            long ongoing = First(_ongoing);
            long unreplicated = First(_unreplicated);
            return ongoing < 0 ? unreplicated : unreplicated < 0 ? ongoing : Math.Min(ongoing, unreplicated);
        }
    }

    public IReadOnlyCollection<ProducerEntry> Producers => _producers.Values;

    public bool HasOngoingTransaction(long producerId)
        => _producers.TryGetValue(producerId, out ProducerEntry? entry) && entry.TransactionFirstOffset >= 0;

    /// <summary>Decides about a batch; changes nothing. Replication is never refused.</summary>
    public ProducerVerdict Check(in ProducerBatch batch, AppendOrigin origin, out WrittenBatch duplicate)
    {
        duplicate = default;
        if (origin == AppendOrigin.Replication || !_producers.TryGetValue(batch.ProducerId, out ProducerEntry? entry))
        {
            return ProducerVerdict.Accepted;
        }

        if (origin == AppendOrigin.Client && batch.Marker is null && entry.TryFindDuplicate(batch, out duplicate))
        {
            return ProducerVerdict.Duplicate;
        }

        if (batch.ProducerEpoch < entry.ProducerEpoch)
        {
            return ProducerVerdict.StaleEpoch;
        }

        if (batch.Marker is { } marker)
        {
            return marker.CoordinatorEpoch < entry.CoordinatorEpoch ? ProducerVerdict.StaleCoordinator : ProducerVerdict.Accepted;
        }

        if (origin == AppendOrigin.Client && !IsInSequence(entry, batch))
        {
            return ProducerVerdict.OutOfOrderSequence;
        }

        return entry.TransactionFirstOffset >= 0 && !batch.IsTransactional ? ProducerVerdict.NotTransactional : ProducerVerdict.Accepted;
    }

    /// <summary>Takes over a batch that is in the log now; tells the transaction that it ended.</summary>
    public CompletedTransaction? Apply(in ProducerBatch batch)
    {
        EndOffset = batch.LastOffset + 1;
        if (batch.ProducerId < 0)
        {
            return null;
        }

        if (!_producers.TryGetValue(batch.ProducerId, out ProducerEntry? entry))
        {
            entry = new ProducerEntry(batch.ProducerId);
            _producers.Add(batch.ProducerId, entry);
        }

        if (batch.Marker is not { } marker)
        {
            bool began = batch.IsTransactional && entry.TransactionFirstOffset < 0;
            entry.Append(batch);
            if (began)
            {
                _ongoing[batch.BaseOffset] = batch.ProducerId;
            }

            return null;
        }

        long first = entry.End(batch.ProducerEpoch, marker.CoordinatorEpoch, batch.MaxTimestampMs);
        return first < 0 ? null : new CompletedTransaction(batch.ProducerId, first, batch.LastOffset, marker.IsAbort);
    }

    /// <summary>Batches without a producer move the end as well.</summary>
    public void AdvanceTo(long endOffset) => EndOffset = endOffset;

    /// <summary>The last stable offset that the transaction index records with an aborted transaction. Ask before <see cref="Complete"/>.</summary>
    public long LastStableOffsetAfter(in CompletedTransaction completed)
    {
        foreach ((long firstOffset, long producerId) in _ongoing)
        {
            if (producerId != completed.ProducerId)
            {
                return firstOffset;
            }
        }

        return completed.LastOffset + 1;
    }

    /// <summary>The transaction is over; it holds readers back until its marker is below the high watermark.</summary>
    public void Complete(in CompletedTransaction completed)
    {
        _ongoing.Remove(completed.FirstOffset);
        _unreplicated[completed.FirstOffset] = completed.LastOffset;
    }

    public void HighWatermarkMovedTo(long highWatermark)
    {
        while (_unreplicated.Count > 0)
        {
            (long firstOffset, long lastOffset) = FirstPair(_unreplicated);
            if (lastOffset >= highWatermark)
            {
                return;
            }

            _unreplicated.Remove(firstOffset);
        }
    }

    /// <summary>Forgets producers without an open transaction that were silent for <paramref name="expirationMs"/>.</summary>
    public void RemoveExpired(long nowMs, long expirationMs)
    {
        foreach ((long producerId, ProducerEntry entry) in _producers)
        {
            if (IsExpired(entry, nowMs, expirationMs))
            {
                _producers.Remove(producerId);
            }
        }
    }

    public void Clear(long endOffset)
    {
        _producers.Clear();
        _ongoing.Clear();
        _unreplicated.Clear();
        EndOffset = endOffset;
    }

    /// <summary>Starts over from a snapshot taken at <paramref name="endOffset"/>.</summary>
    public void Restore(IEnumerable<ProducerRecord> records, long endOffset, long nowMs, long expirationMs)
    {
        Clear(endOffset);
        foreach (ProducerRecord record in records)
        {
            ProducerEntry entry = ProducerEntry.Restore(record);
            if (IsExpired(entry, nowMs, expirationMs))
            {
                continue;
            }

            _producers[entry.ProducerId] = entry;
            if (entry.TransactionFirstOffset >= 0)
            {
                _ongoing[entry.TransactionFirstOffset] = entry.ProducerId;
            }
        }
    }

    private static bool IsInSequence(ProducerEntry entry, in ProducerBatch batch)
    {
        if (batch.ProducerEpoch != entry.ProducerEpoch)
        {
            return batch.BaseSequence == 0 || entry.ProducerEpoch < 0;
        }

        long last = entry.LastSequence;
        return batch.BaseSequence == last + 1 || (batch.BaseSequence == 0 && last == int.MaxValue);
    }

    private static bool IsExpired(ProducerEntry entry, long nowMs, long expirationMs)
        => entry.TransactionFirstOffset < 0 && nowMs - entry.LastTimestampMs >= expirationMs;

    private static long First(SortedDictionary<long, long> offsets) => offsets.Count == 0 ? -1 : FirstPair(offsets).Key;

    private static KeyValuePair<long, long> FirstPair(SortedDictionary<long, long> offsets)
    {
        using SortedDictionary<long, long>.Enumerator pairs = offsets.GetEnumerator();
        return pairs.MoveNext() ? pairs.Current : default;
    }
}
