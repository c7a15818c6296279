using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Simulation.Cluster;

/// <summary>
/// A node's disk. What was written is there for the next process; what was synced is there after a loss of power, and of the rest an
/// arbitrary prefix in the order of writing: a torn batch fails its checksum and ends the log.
/// </summary>
internal sealed class SimulatedDisk
{
    private readonly List<RaftEntry> _log = [];
    private readonly List<RaftEntry> _cutUnsynced = [];
    private readonly List<RaftEntry> _votersInLog = [];
    private readonly List<SnapshotFile> _snapshots = [];
    private readonly List<byte> _download = [];
    private LogPosition _downloadId;
    private QuorumStateRecord? _syncedState;
    // Batches of the log that are synced; those of _cutUnsynced stood after them when the log was synced last.
    private int _synced;
    private LogPosition _start;
    private LogPosition? _startUnsynced;

    public IReadOnlyList<RaftEntry> Log => _log;

    public QuorumStateRecord? State { get; private set; }

    public LogPosition Start => _start;

    public long EndOffset => _log.Count == 0 ? _start.Offset : _log[^1].NextOffset;

    public LogPosition? OldestSnapshot => _snapshots.Count == 0 ? null : _snapshots[0].Id;

    public SnapshotFile? NewestSnapshot => _snapshots.Count == 0 ? null : _snapshots[^1];

    /// <summary>The voters of the bootstrap snapshot, null for none.</summary>
    public VoterSet? BootstrapVoters { get; set; }

    /// <summary>The newest voter set on the disk and its offset, -1 for the bootstrap snapshot; null when the disk names none.</summary>
    public (long Offset, VoterSet Voters)? LatestVoters
    {
        get
        {
            if (_votersInLog.Count > 0) return VotersIn(_votersInLog[^1]);
            if (NewestSnapshot is { Voters: { } voters } snapshot) return (snapshot.Id.Offset - 1, voters);
            return BootstrapVoters is { } bootstrap ? (-1, bootstrap) : null;
        }
    }

    public static (long Offset, VoterSet Voters)? VotersIn(RaftEntry entry) => entry.Control switch
    {
        LeaderChange { BootstrapVoters: { } voters } => (entry.NextOffset - 1, voters),
        VotersChange change => (change.Offset, change.Voters),
        _ => null,
    };

    public RaftLogState Load()
    {
        var epochs = new List<EpochStart>();
        var voters = new List<(long, VoterSet)>();
        if (BootstrapVoters is { } bootstrap) voters.Add((-1, bootstrap));
        if (NewestSnapshot is { } newest) voters = newest.Voters is { } inSnapshot ? [(newest.Id.Offset - 1, inSnapshot)] : [];
        foreach (var entry in _log)
        {
            if (epochs.Count == 0 || epochs[^1].Epoch != entry.Epoch) epochs.Add(new EpochStart(entry.Epoch, entry.BaseOffset));
            if (VotersIn(entry) is { } found && (voters.Count == 0 || found.Offset > voters[^1].Item1)) voters.Add(found);
        }
        var bootstrapId = BootstrapVoters is null ? (LogPosition?)null : default(LogPosition);
        return new RaftLogState(_start.Offset, EndOffset, epochs, OldestSnapshot ?? bootstrapId, NewestSnapshot?.Id ?? bootstrapId, voters);
    }

    public void Write(QuorumStateRecord state) => State = state;

    public void SyncState() => _syncedState = State;

    public void LoseState() => State = null;

    public void Append(RaftEntry entry)
    {
        if (entry.BaseOffset != EndOffset) throw new InvalidOperationException($"A batch at {entry.BaseOffset} does not follow {EndOffset}.");
        _log.Add(entry);
        if (VotersIn(entry) is not null) _votersInLog.Add(entry);
    }

    public void TruncateTo(long endOffset)
    {
        var keep = _log.Count;
        while (keep > 0 && _log[keep - 1].BaseOffset >= endOffset) keep--;
        CutTo(keep);
        if (EndOffset != endOffset) throw new InvalidOperationException($"The log ends at {EndOffset} after a cut to {endOffset}.");
    }

    public void ResetTo(LogPosition snapshot)
    {
        _startUnsynced ??= _start;
        CutTo(0);
        _start = snapshot;
        DeleteSnapshotsBelow(snapshot.Offset);
    }

    public void Sync()
    {
        _synced = _log.Count;
        _cutUnsynced.Clear();
        _startUnsynced = null;
    }

    public IReadOnlyList<RaftEntry> Read(long offset, int batchesMax)
    {
        var first = IndexOf(offset);
        return first < 0 ? [] : _log.GetRange(first, Math.Min(batchesMax, _log.Count - first));
    }

    /// <summary>The epoch of the record at <paramref name="offset"/>, from the log alone; null when it is not in it.</summary>
    public int? EpochAt(long offset) => IndexOf(offset) is var index and >= 0 ? _log[index].Epoch : null;

    /// <summary>Whether everything below a committed position would survive a loss of power.</summary>
    public bool Keeps(LogPosition committed)
    {
        if (NewestSnapshot is { } snapshot && snapshot.Id.Offset >= committed.Offset) return true;
        if (committed.Offset <= 0) return true;
        var index = IndexOf(committed.Offset - 1);
        return index >= 0 && index < _synced && _log[index].Epoch == committed.Epoch;
    }

    public SnapshotFile? FindSnapshot(LogPosition id) => _snapshots.Find(snapshot => snapshot.Id == id);

    public void Keep(SnapshotFile snapshot)
    {
        _snapshots.RemoveAll(other => other.Id.Offset == snapshot.Id.Offset);
        var place = _snapshots.FindIndex(other => other.Id.Offset > snapshot.Id.Offset);
        _snapshots.Insert(place < 0 ? _snapshots.Count : place, snapshot);
    }

    /// <summary>Deletes the log below a snapshot, and older snapshots.</summary>
    public void DeleteBelow(LogPosition snapshot)
    {
        DeleteSnapshotsBelow(snapshot.Offset);
        var removed = _log.TakeWhile(entry => entry.NextOffset <= snapshot.Offset).Count();
        _log.RemoveRange(0, removed);
        _synced = Math.Max(0, _synced - removed);
        _start = snapshot;
        FindVoters();
    }

    /// <summary>Takes a piece of a snapshot; returns all bytes so far.</summary>
    public byte[] Download(SnapshotChunk chunk)
    {
        if (chunk.Position == 0)
        {
            _downloadId = chunk.Snapshot;
            _download.Clear();
        }
        if (_downloadId != chunk.Snapshot || chunk.Position != _download.Count)
            throw new InvalidOperationException($"A piece of {chunk.Snapshot} at {chunk.Position} after {_download.Count} bytes of {_downloadId}.");
        _download.AddRange(chunk.Bytes.Span);
        return [.. _download];
    }

    /// <summary>The power fails.</summary>
    /// <returns>Whether batches, and whether a quorum state, were lost.</returns>
    public (bool Batches, bool State) LosePower(SimulatedRandom random)
    {
        _download.Clear();
        var lostState = State != _syncedState && random.Next(2) == 0;
        if (lostState) State = _syncedState;
        SyncState();
        var before = _log.Count;
        if ((_cutUnsynced.Count > 0 || _startUnsynced is not null) && random.Next(2) == 0)
        {
            // The cut did not reach the disk, nor did anything after it.
            _log.RemoveRange(_synced, _log.Count - _synced);
            _log.AddRange(_cutUnsynced);
            _start = _startUnsynced ?? _start;
        }
        else
        {
            var kept = _synced + random.Next(_log.Count - _synced + 1);
            _log.RemoveRange(kept, _log.Count - kept);
        }
        FindVoters();
        Sync();
        return (_log.Count < before, lostState);
    }

    public void Wipe()
    {
        _log.Clear();
        _votersInLog.Clear();
        _snapshots.Clear();
        _download.Clear();
        (State, BootstrapVoters, _start) = (null, null, default);
        SyncState();
        Sync();
    }

    private void DeleteSnapshotsBelow(long offset) => _snapshots.RemoveAll(snapshot => snapshot.Id.Offset < offset);

    private void CutTo(int count)
    {
        if (count < _synced)
        {
            if (_cutUnsynced.Count == 0) _cutUnsynced.AddRange(_log.GetRange(count, _synced - count));
            else _cutUnsynced.InsertRange(0, _log.GetRange(count, _synced - count));
            _synced = count;
        }
        _log.RemoveRange(count, _log.Count - count);
        FindVoters();
    }

    private void FindVoters()
    {
        _votersInLog.Clear();
        foreach (var entry in _log)
            if (VotersIn(entry) is not null) _votersInLog.Add(entry);
    }

    private int IndexOf(long offset)
    {
        var (low, high) = (0, _log.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_log[middle].NextOffset <= offset) low = middle + 1;
            else if (_log[middle].BaseOffset > offset) high = middle - 1;
            else return middle;
        }
        return -1;
    }
}
