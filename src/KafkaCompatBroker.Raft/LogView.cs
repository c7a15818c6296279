namespace KafkaCompatBroker.Raft;

/// <summary>
/// The log as it will be when everything decided so far has been written: the driver's disk plus the cut and the batches that wait for the
/// next <see cref="Ready"/>.
/// </summary>
internal sealed class LogView
{
    private readonly EpochHistory _epochs;
    private readonly VoterHistory _voters;
    private List<RaftEntry> _entries = [];
    private long? _truncateTo;
    private LogPosition? _resetTo;
    private long _handedOutTo;

    public LogView(RaftLogState disk, VoterSet staticVoters)
    {
        StartOffset = disk.StartOffset;
        EndOffset = DurableEndOffset = _handedOutTo = disk.EndOffset;
        EarliestSnapshot = disk.EarliestSnapshot;
        LatestSnapshot = disk.LatestSnapshot;
        _epochs = new EpochHistory(disk.EpochStarts);
        _voters = new VoterHistory(staticVoters, disk.RecordedVoters);
        // What a snapshot holds was committed when it was taken.
        HighWatermark = disk.LatestSnapshot?.Offset ?? 0;
        if (StartOffset > 0 && (LatestSnapshot is null || LatestSnapshot.Value.Offset < StartOffset))
            throw new InvalidOperationException($"The log starts at {StartOffset} but no snapshot holds what was below.");
        // The node stopped between the last chunk of a snapshot and the cut of the log that it replaces.
        if (LatestSnapshot is { } snapshot && !End.IsAtLeastAsNewAs(snapshot)) StartAfter(snapshot);
        if (HighWatermark > EndOffset) throw new InvalidOperationException($"The log ends at {EndOffset}, below its snapshot {LatestSnapshot}.");
    }

    public long StartOffset { get; private set; }

    public long EndOffset { get; private set; }

    public long DurableEndOffset { get; private set; }

    public long HighWatermark { get; private set; }

    public LogPosition? EarliestSnapshot { get; private set; }

    public LogPosition? LatestSnapshot { get; private set; }

    public VoterSet Voters => _voters.Latest;

    public VoterHistory VoterHistory => _voters;

    public bool HasPending => _entries.Count > 0 || _truncateTo is not null || _resetTo is not null;

    public LogPosition End => new(EndOffset, LastEpoch);

    /// <summary>Epoch of the last record; the snapshot's when the log above it is empty.</summary>
    public int LastEpoch => _epochs.EpochAt(EndOffset - 1) ?? LatestSnapshot?.Epoch ?? 0;

    /// <summary>The largest epoch in the log not above <paramref name="epoch"/>, and where it ends.</summary>
    public LogPosition EndOfEpoch(int epoch) =>
        _epochs.EndOf(epoch, EndOffset) ?? new LogPosition(StartOffset, StartOffset > 0 ? EarliestSnapshot?.Epoch ?? 0 : 0);

    /// <summary>The position right at <paramref name="offset"/>, which must be within the log: what a snapshot there is called.</summary>
    public LogPosition PositionAt(long offset)
    {
        if (LatestSnapshot is { } snapshot && snapshot.Offset == offset) return snapshot;
        if (offset < StartOffset || offset > EndOffset) throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The log is {StartOffset}..{EndOffset}.");
        return new LogPosition(offset, _epochs.EpochAt(offset - 1) ?? 0);
    }

    public void Append(RaftEntry entry)
    {
        if (entry.BaseOffset != EndOffset || entry.RecordCount <= 0)
            throw new InvalidOperationException($"A batch of {entry.RecordCount} at {entry.BaseOffset} does not follow the end {EndOffset}.");
        _epochs.Add(entry.Epoch, entry.BaseOffset);
        _entries.Add(entry);
        EndOffset = entry.NextOffset;
        switch (entry.Control)
        {
            case LeaderChange { BootstrapVoters: { } voters }: _voters.Add(entry.NextOffset - 1, voters); break;
            case VotersChange change: _voters.Add(change.Offset, change.Voters); break;
        }
    }

    public void TruncateTo(long endOffset)
    {
        if (endOffset < HighWatermark) throw new InvalidOperationException($"Truncation to {endOffset} would take back committed records below {HighWatermark}.");
        if (endOffset >= EndOffset) return;
        _entries.RemoveAll(entry => entry.BaseOffset >= endOffset);
        if (_entries.Count > 0 && _entries[^1].NextOffset > endOffset) throw new InvalidOperationException($"Offset {endOffset} is inside a batch.");
        if (endOffset < _handedOutTo)
        {
            _truncateTo = Math.Min(endOffset, _truncateTo ?? long.MaxValue);
            _handedOutTo = endOffset;
            DurableEndOffset = Math.Min(DurableEndOffset, endOffset);
        }
        _epochs.TruncateTo(endOffset);
        _voters.TruncateTo(endOffset);
        EndOffset = endOffset;
    }

    public void RaiseHighWatermark(long offset)
    {
        if (offset < HighWatermark || offset > EndOffset) throw new InvalidOperationException($"High watermark {offset} outside {HighWatermark}..{EndOffset}.");
        HighWatermark = offset;
    }

    public void SnapshotTaken(LogPosition id)
    {
        if (id.Offset > HighWatermark) throw new InvalidOperationException($"Snapshot {id} above the high watermark {HighWatermark}.");
        // A leader's snapshot may have come while this one was written.
        if (LatestSnapshot is { } latest && id.Offset <= latest.Offset) return;
        LatestSnapshot = id;
        EarliestSnapshot ??= id;
    }

    public void StartRaised(LogPosition earliestSnapshot)
    {
        if (LatestSnapshot is not { } latest || earliestSnapshot.Offset > latest.Offset || earliestSnapshot.Offset < StartOffset)
            throw new InvalidOperationException($"The log cannot start at snapshot {earliestSnapshot}.");
        EarliestSnapshot = earliestSnapshot;
        StartOffset = earliestSnapshot.Offset;
        _epochs.TrimTo(StartOffset);
        _voters.TrimTo(StartOffset);
    }

    /// <summary>Whether a log that starts after <paramref name="snapshot"/> would hold more than this one, and nothing committed would be lost.</summary>
    public bool IsReplacedBy(LogPosition snapshot) => snapshot.Offset >= HighWatermark && !End.IsAtLeastAsNewAs(snapshot);

    /// <summary>A leader's snapshot is on the disk: it takes the place of the whole log (KIP-630).</summary>
    /// <param name="snapshot">The snapshot's identity.</param>
    /// <param name="voters">The voters that it records, null when it has none.</param>
    public void ReplaceBy(LogPosition snapshot, VoterSet? voters)
    {
        if (!IsReplacedBy(snapshot)) throw new InvalidOperationException($"Snapshot {snapshot} does not replace a log that ends at {End}.");
        StartAfter(snapshot);
        _voters.ResetTo(snapshot.Offset - 1, voters);
    }

    public (LogPosition? ResetTo, long? TruncateTo, IReadOnlyList<RaftEntry> Entries) TakePending()
    {
        var taken = (_resetTo, _truncateTo, (IReadOnlyList<RaftEntry>)_entries);
        _entries = [];
        _truncateTo = null;
        _resetTo = null;
        _handedOutTo = EndOffset;
        return taken;
    }

    /// <summary>The driver has synced what was handed out, less what has been cut since.</summary>
    public void HandedOutIsDurable() => DurableEndOffset = _handedOutTo;

    private void StartAfter(LogPosition snapshot)
    {
        EarliestSnapshot = LatestSnapshot = _resetTo = snapshot;
        StartOffset = EndOffset = DurableEndOffset = HighWatermark = _handedOutTo = snapshot.Offset;
        _entries = [];
        _truncateTo = null;
        _epochs.ResetTo(snapshot);
        _voters.TruncateTo(snapshot.Offset);
    }
}
