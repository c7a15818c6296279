namespace KafkaCompatBroker.Raft;

/// <summary>
/// Which voter set holds from which offset. A set takes effect when its record is appended, committed or not (KIP-853), and is taken back
/// when the record is truncated.
/// </summary>
internal sealed class VoterHistory
{
    private readonly VoterSet _static;
    private readonly List<(long Offset, VoterSet Voters)> _sets = [];

    /// <param name="staticVoters">The configured voters; they count only while the log has named none.</param>
    /// <param name="recorded">The sets found in the snapshot (at its last offset, -1 for the bootstrap snapshot) and the log, ascending.</param>
    public VoterHistory(VoterSet staticVoters, IEnumerable<(long Offset, VoterSet Voters)> recorded)
    {
        _static = staticVoters;
        _sets.AddRange(recorded);
    }

    /// <summary>The set in force.</summary>
    public VoterSet Latest => _sets.Count == 0 ? _static : _sets[^1].Voters;

    /// <summary>Where <see cref="Latest"/> is recorded; null when it is configuration.</summary>
    public long? LatestOffset => _sets.Count == 0 ? null : _sets[^1].Offset;

    /// <summary>The set in force just below <paramref name="offset"/>, null when the log had named none: what a snapshot at it must hold.</summary>
    public VoterSet? RecordedBelow(long offset)
    {
        for (var i = _sets.Count - 1; i >= 0; i--)
            if (_sets[i].Offset < offset) return _sets[i].Voters;
        return null;
    }

    /// <summary>Whether the replica votes in the newest set below <paramref name="highWatermark"/> or in a later one.</summary>
    public bool MayStillVote(ReplicaKey replica, long highWatermark)
    {
        for (var i = _sets.Count - 1; i >= 0; i--)
        {
            if (_sets[i].Voters.Contains(replica)) return true;
            if (_sets[i].Offset < highWatermark) return false;
        }
        return _static.Contains(replica);
    }

    public void Add(long offset, VoterSet voters)
    {
        if (_sets.Count > 0 && _sets[^1].Offset >= offset) throw new InvalidOperationException($"Voters at {offset} follow those at {_sets[^1].Offset}.");
        _sets.Add((offset, voters));
    }

    public void TruncateTo(long endOffset)
    {
        while (_sets.Count > 0 && _sets[^1].Offset >= endOffset) _sets.RemoveAt(_sets.Count - 1);
    }

    /// <summary>Forgets sets that a snapshot at <paramref name="startOffset"/> has made history, but for the one in force there.</summary>
    public void TrimTo(long startOffset)
    {
        while (_sets.Count > 1 && _sets[1].Offset < startOffset) _sets.RemoveAt(0);
    }

    public void ResetTo(long offset, VoterSet? voters)
    {
        _sets.Clear();
        if (voters is not null) _sets.Add((offset, voters));
    }
}
