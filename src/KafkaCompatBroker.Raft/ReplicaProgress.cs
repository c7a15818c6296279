namespace KafkaCompatBroker.Raft;

/// <summary>What the leader knows of one replica, itself included.</summary>
public sealed class ReplicaProgress
{
    private long _leaderEndAtLastFetch = -1;

    internal ReplicaProgress(ReplicaKey key) => Key = key;

    /// <summary>The replica, with its directory id once it has shown it.</summary>
    public ReplicaKey Key { get; internal set; }

    /// <summary>Offset below which the replica's log is durable, -1 when not known in this epoch.</summary>
    public long EndOffset { get; private set; } = -1;

    /// <summary>When the replica last fetched, -1 for never in this epoch.</summary>
    public long LastFetchMs { get; private set; } = -1;

    /// <summary>When the replica last had everything that the leader had, -1 for never in this epoch.</summary>
    public long LastCaughtUpMs { get; private set; } = -1;

    /// <summary>Whether the voter has answered BeginQuorumEpoch or fetched.</summary>
    public bool KnowsLeader { get; internal set; }

    internal void Fetched(long endOffset, long leaderEndOffset, long nowMs)
    {
        // A replica that now has what the leader had at its previous fetch was caught up then.
        if (endOffset >= leaderEndOffset) LastCaughtUpMs = nowMs;
        else if (_leaderEndAtLastFetch >= 0 && endOffset >= _leaderEndAtLastFetch) LastCaughtUpMs = Math.Max(LastCaughtUpMs, LastFetchMs);
        EndOffset = endOffset;
        LastFetchMs = Math.Max(LastFetchMs, nowMs);
        _leaderEndAtLastFetch = leaderEndOffset;
        KnowsLeader = true;
    }

    /// <summary>A copy that no longer changes; the leader itself is always caught up.</summary>
    internal ReplicaProgress Copy(bool isLeader, long nowMs)
    {
        var copy = (ReplicaProgress)MemberwiseClone();
        if (isLeader) copy.LastFetchMs = copy.LastCaughtUpMs = nowMs;
        return copy;
    }

    internal void DurableLocally(long endOffset, long nowMs)
    {
        EndOffset = endOffset;
        LastFetchMs = LastCaughtUpMs = nowMs;
        KnowsLeader = true;
    }
}
