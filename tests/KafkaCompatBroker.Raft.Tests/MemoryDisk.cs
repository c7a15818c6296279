namespace KafkaCompatBroker.Raft.Tests;

/// <summary>A node's disk: what was synced survives a lossy crash, the rest of the log does not.</summary>
internal sealed class MemoryDisk : IRaftLog
{
    private readonly List<RaftEntry> _entries = [];
    private int _syncedEntries;

    public QuorumStateRecord? QuorumState { get; set; }

    public LogPosition? Snapshot { get; private set; }

    public IReadOnlyList<RaftEntry> Entries => _entries;

    public int Syncs { get; private set; }

    public long StartOffset => Snapshot?.Offset ?? 0;

    /// <summary>The voters that <see cref="Snapshot"/> records.</summary>
    public VoterSet? SnapshotVoters { get; private set; }

    public long EndOffset => _entries.Count == 0 ? StartOffset : _entries[^1].NextOffset;

    public long HighWatermark { get; private set; }

    public IReadOnlyList<(long Offset, VoterSet Voters)> BootstrapVoters { get; set; } = [];

    public RaftLogState Load()
    {
        var epochs = new List<EpochStart>();
        var voters = new List<(long, VoterSet)>(BootstrapVoters);
        if (SnapshotVoters is { } inSnapshot) voters = [(StartOffset - 1, inSnapshot)];
        foreach (var entry in _entries)
        {
            if (epochs.Count == 0 || epochs[^1].Epoch != entry.Epoch) epochs.Add(new EpochStart(entry.Epoch, entry.BaseOffset));
            if (entry.NextOffset <= StartOffset) continue;
            if (entry.Control is LeaderChange { BootstrapVoters: { } recorded }) voters.Add((entry.NextOffset - 1, recorded));
            if (entry.Control is VotersChange change) voters.Add((change.Offset, change.Voters));
        }
        return new RaftLogState(StartOffset, EndOffset, epochs, Snapshot, Snapshot, voters);
    }

    public void Append(IReadOnlyList<RaftEntry> entries)
    {
        foreach (var entry in entries)
        {
            Assert.Equal(EndOffset, entry.BaseOffset);
            _entries.Add(entry);
        }
    }

    public void ResetTo(long offset)
    {
        _entries.Clear();
        _syncedEntries = 0;
        Assert.Equal(offset, StartOffset);
    }

    public void TruncateTo(long endOffset)
    {
        _entries.RemoveAll(entry => entry.BaseOffset >= endOffset);
        Assert.Equal(endOffset, EndOffset);
        _syncedEntries = Math.Min(_syncedEntries, _entries.Count);
    }

    public void Flush()
    {
        _syncedEntries = _entries.Count;
        Syncs++;
    }

    public IReadOnlyList<RaftEntry> Read(long offset, int bytesMax) => [.. _entries.Where(entry => entry.NextOffset > offset).Take(3)];

    public void HighWatermarkMoved(long highWatermark) => HighWatermark = highWatermark;

    public void LosePowerSupply() => _entries.RemoveRange(_syncedEntries, _entries.Count - _syncedEntries);

    /// <summary>A snapshot of its own: the log below is deleted.</summary>
    public void CutBelow(LogPosition snapshot, VoterSet? voters)
    {
        (Snapshot, SnapshotVoters) = (snapshot, voters);
        var removed = _entries.RemoveAll(entry => entry.NextOffset <= snapshot.Offset);
        _syncedEntries -= removed;
    }

    /// <summary>A leader's snapshot is whole; the log is still the old one.</summary>
    public void Install(LogPosition snapshot, VoterSet? voters) => (Snapshot, SnapshotVoters) = (snapshot, voters);

    public void Wipe()
    {
        _entries.Clear();
        (_syncedEntries, QuorumState, Snapshot, SnapshotVoters, BootstrapVoters) = (0, null, null, null, []);
    }

    public override string ToString() => string.Join(' ', _entries.Select(entry => $"{entry.BaseOffset}+{entry.RecordCount}@{entry.Epoch}"));
}
