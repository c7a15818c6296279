namespace KafkaCompatBroker.Storage.Policies;

/// <summary>
/// State of the idempotent and transactional producers of one partition. Pure: decide with <see cref="Check"/>, then <see cref="Apply"/> what was
/// appended; the same calls rebuild it from a snapshot and the batches after it.
/// </summary>
public sealed class ProducerStates
{
    private const short StrictMarkerVersion = 2;

    private readonly Dictionary<long, ProducerEntry> _producers = [];
    private readonly Dictionary<long, VerificationGuard> _guards = [];
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

    /// <summary>
    /// Says under which guard a producer may begin a transaction here once its coordinator agrees; null when it has one open and needs none.
    /// </summary>
    public VerificationGuard? BeginVerification(long producerId, short producerEpoch, int baseSequence, bool startsAtZero, long nowMs)
    {
        if (IsOngoing(producerId, producerEpoch))
        {
            return null;
        }

        if (_guards.TryGetValue(producerId, out VerificationGuard? guard) && guard.StartsAtZero == startsAtZero)
        {
            guard.Include(producerEpoch, baseSequence);
            return guard;
        }

        return _guards[producerId] = new VerificationGuard(producerEpoch, baseSequence, startsAtZero, nowMs);
    }

    /// <summary>Whether a transactional batch may come: its transaction is open here, or may begin under this guard.</summary>
    public bool IsVerified(long producerId, short producerEpoch, VerificationGuard? guard)
        => IsOngoing(producerId, producerEpoch)
            || (guard is not null && _guards.GetValueOrDefault(producerId) == guard && guard.ProducerEpoch == producerEpoch);

    /// <summary>Decides about a batch; changes nothing. Replication is never refused.</summary>
    public ProducerVerdict Check(in ProducerBatch batch, in ProducerChecks checks, out WrittenBatch duplicate)
    {
        duplicate = default;
        ProducerEntry? entry = _producers.GetValueOrDefault(batch.ProducerId);
        if (checks.Origin == AppendOrigin.Replication)
        {
            return ProducerVerdict.Accepted;
        }

        if (batch.Marker is { } marker)
        {
            return entry is null ? ProducerVerdict.Accepted : CheckMarker(entry, batch.ProducerEpoch, marker, checks.MarkerVersion);
        }

        bool isFromClient = checks.Origin == AppendOrigin.Client;
        if (isFromClient && entry is not null && entry.TryFindDuplicate(batch, out duplicate))
        {
            return ProducerVerdict.Duplicate;
        }

        if (isFromClient && checks.MustVerify && batch.IsTransactional && !IsVerified(batch.ProducerId, batch.ProducerEpoch, checks.Guard))
        {
            return entry is not null && batch.ProducerEpoch < entry.ProducerEpoch ? ProducerVerdict.StaleEpoch : ProducerVerdict.NotVerified;
        }

        if (isFromClient && IsOutOfTurn(entry, batch))
        {
            return ProducerVerdict.OutOfOrderSequence;
        }

        return entry is null ? ProducerVerdict.Accepted : CheckRecords(entry, batch, isFromClient);
    }

    /// <summary>Takes over a batch that is in the log now; tells the transaction that it ended.</summary>
    public CompletedTransaction? Apply(in ProducerBatch batch)
    {
        EndOffset = batch.LastOffset + 1;
        if (batch.ProducerId < 0)
        {
            return null;
        }

        if (batch.IsTransactional && !IsEndBeforeGuarded(batch))
        {
            _guards.Remove(batch.ProducerId);
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

        foreach ((long producerId, VerificationGuard guard) in _guards)
        {
            if (nowMs - guard.CreatedMs >= expirationMs)
            {
                _guards.Remove(producerId);
            }
        }
    }

    public void Clear(long endOffset)
    {
        _producers.Clear();
        _guards.Clear();
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

    private static ProducerVerdict CheckMarker(ProducerEntry entry, short producerEpoch, in EndMarker marker, short version)
    {
        // A marker of the epoch of open records would be one of the transaction before, come late.
        bool isOfFormerTransaction = version >= StrictMarkerVersion && producerEpoch == entry.ProducerEpoch && entry.TransactionFirstOffset >= 0;
        if (producerEpoch < entry.ProducerEpoch || isOfFormerTransaction)
        {
            return ProducerVerdict.StaleEpoch;
        }

        return marker.CoordinatorEpoch < entry.CoordinatorEpoch ? ProducerVerdict.StaleCoordinator : ProducerVerdict.Accepted;
    }

    private static ProducerVerdict CheckRecords(ProducerEntry entry, in ProducerBatch batch, bool isFromClient)
    {
        if (batch.ProducerEpoch < entry.ProducerEpoch)
        {
            return ProducerVerdict.StaleEpoch;
        }

        if (isFromClient && !IsInSequence(entry, batch))
        {
            return ProducerVerdict.OutOfOrderSequence;
        }

        return entry.TransactionFirstOffset >= 0 && !batch.IsTransactional ? ProducerVerdict.NotTransactional : ProducerVerdict.Accepted;
    }

    private bool IsOngoing(long producerId, short producerEpoch)
        => _producers.TryGetValue(producerId, out ProducerEntry? entry) && entry.TransactionFirstOffset >= 0 && entry.ProducerEpoch == producerEpoch;

    // A producer that bumps its epoch may wish for the next transaction before the marker of the last one is here, which has that epoch already.
    private bool IsEndBeforeGuarded(in ProducerBatch batch)
        => batch.Marker is not null
            && _guards.TryGetValue(batch.ProducerId, out VerificationGuard? guard)
            && guard.StartsAtZero
            && guard.ProducerEpoch >= batch.ProducerEpoch;

    private bool IsOutOfTurn(ProducerEntry? entry, in ProducerBatch batch)
        => _guards.TryGetValue(batch.ProducerId, out VerificationGuard? guard)
            && guard.ProducerEpoch == batch.ProducerEpoch
            && (batch.BaseSequence > guard.LowestSequence || (guard.StartsAtZero && entry is null && batch.BaseSequence != 0));

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
