namespace KafkaCompatBroker.Simulation;

/// <summary>Situations that a good simulation gets into. One that thousands of seeds never reach means that the faults miss something.</summary>
public enum Point
{
    /// <summary>A leader told a follower where their logs differ.</summary>
    DivergingEpoch,

    /// <summary>A follower cut batches of more than one epoch.</summary>
    DivergedOverSeveralEpochs,

    /// <summary>A follower's whole log was replaced by a snapshot.</summary>
    SnapshotInstalled,

    /// <summary>A snapshot came in more than one piece.</summary>
    SnapshotInPieces,

    /// <summary>A snapshot was deleted while it was pulled.</summary>
    SnapshotGone,

    /// <summary>A node stopped after a snapshot was whole and before its log was cut.</summary>
    SnapshotFoundAtStart,

    /// <summary>A voter was added.</summary>
    VoterAdded,

    /// <summary>A voter was removed.</summary>
    VoterRemoved,

    /// <summary>A leader committed its own removal.</summary>
    LeaderRemovedItself,

    /// <summary>A voter's endpoints changed.</summary>
    VoterUpdated,

    /// <summary>kraft.version was raised.</summary>
    KRaftVersionUpgraded,

    /// <summary>A voter set was taken back by truncation.</summary>
    VoterChangeTruncated,

    /// <summary>A change was refused because another was under way.</summary>
    VoterChangeBlocked,

    /// <summary>A replica joined by itself.</summary>
    JoinedByItself,

    /// <summary>A vote was refused because it was asked of another directory.</summary>
    VoteForOtherDirectory,

    /// <summary>A pre-vote was refused by a node that hears its leader.</summary>
    PreVoteRefused,

    /// <summary>A vote was refused because the log was behind.</summary>
    VoteRefused,

    /// <summary>A leader stepped down because no majority fetched.</summary>
    CheckQuorumResigned,

    /// <summary>Two nodes held themselves for leaders, of different epochs.</summary>
    TwoLeaders,

    /// <summary>A crash lost batches that were not synced.</summary>
    UnsyncedBatchesLost,

    /// <summary>A crash lost a quorum state that was not synced.</summary>
    UnsyncedQuorumStateLost,

    /// <summary>A sync failed and the node ended.</summary>
    SyncFailed,

    /// <summary>The disk was full and the node started over.</summary>
    DiskWasFull,

    /// <summary>A disk was emptied.</summary>
    DiskWiped,

    /// <summary>A leader was elected that had to commit batches of an earlier epoch.</summary>
    EarlierEpochCommitted,

    /// <summary>A leader was elected while its high watermark was behind what had been committed.</summary>
    LeaderBehindCommitted,
}

/// <summary>Which points were reached, and how often.</summary>
public sealed class Coverage
{
    private readonly long[] _reached = new long[Enum.GetValues<Point>().Length];

    /// <summary>How often the point was reached.</summary>
    public long this[Point point] => _reached[(int)point];

    /// <summary>Points that were never reached.</summary>
    public IEnumerable<Point> Missed => Enum.GetValues<Point>().Where(point => _reached[(int)point] == 0);

    internal void Reach(Point point) => _reached[(int)point]++;

    /// <summary>Adds another history's points.</summary>
    public void Add(Coverage other)
    {
        for (var i = 0; i < _reached.Length; i++) _reached[i] += other._reached[i];
    }
}
