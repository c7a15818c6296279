using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>What has been committed, as the first node that published it had it.</summary>
internal sealed class CommittedLog
{
    private readonly List<RaftEntry> _entries = [];

    public long EndOffset => _entries.Count == 0 ? 0 : _entries[^1].NextOffset;

    /// <summary>The end, with the epoch of the last record.</summary>
    public LogPosition End => new(EndOffset, _entries.Count == 0 ? 0 : _entries[^1].Epoch);

    /// <summary>The newest epoch whose leader, or a follower of it, has published something.</summary>
    public int PublishedEpoch { get; set; }

    /// <summary>The newest committed voters; null while they are configuration.</summary>
    public VoterSet? Voters { get; private set; }

    public long VotersOffset { get; private set; } = -1;

    public void Add(RaftEntry entry)
    {
        _entries.Add(entry);
        if (SimulatedDisk.VotersIn(entry) is { } found) (VotersOffset, Voters) = found;
    }

    public void Begin(VoterSet? voters) => Voters = voters;

    public RaftEntry? At(long offset)
    {
        var (low, high) = (0, _entries.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_entries[middle].NextOffset <= offset) low = middle + 1;
            else if (_entries[middle].BaseOffset > offset) high = middle - 1;
            else return _entries[middle];
        }
        return null;
    }

    public static bool IsSame(RaftEntry one, RaftEntry other) =>
        ReferenceEquals(one, other)
        || (one.BaseOffset == other.BaseOffset && one.RecordCount == other.RecordCount && one.Epoch == other.Epoch && one.Bytes.Span.SequenceEqual(other.Bytes.Span));
}
