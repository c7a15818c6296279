using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>
/// State of one partition that this broker hosts: role, epochs, in-sync replicas, offsets, and the produces and fetches that wait.
/// Pure and not thread-safe: the shell calls it under the partition's lock, then completes what <see cref="TakeReady"/> returns after
/// releasing it. Nothing here survives a crash; the log and the high watermark checkpoint give it back through <see cref="Open"/>.
/// </summary>
/// <param name="localId">Id of this broker.</param>
public sealed class PartitionLeader(int localId)
{
    private readonly WaitingLists _waits = new();
    private readonly InSyncReplicas _inSync = new(localId);
    private ReadableByteCounts _readable;
    private PartitionAssignment _assignment = new(-1, -1, -1, [], []);

    /// <summary><c>replica.lag.time.max.ms</c>: how long a follower may lag and still count.</summary>
    public long LagTimeMaxMs { get; init; } = 30_000;

    /// <summary>Whether this broker leads the partition.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>The assignment that was given last.</summary>
    public PartitionAssignment Assignment => _assignment;

    /// <summary>Current leader epoch, -1 before the first assignment.</summary>
    public int LeaderEpoch => _assignment.LeaderEpoch;

    /// <summary>First offset of the current leader epoch; meaningful on the leader only.</summary>
    public long EpochStartOffset { get; private set; }

    /// <summary>First offset that still exists.</summary>
    public long LogStartOffset { get; private set; }

    /// <summary>Offset of the next record.</summary>
    public long LogEndOffset { get; private set; }

    /// <summary>First offset that is not known to be on every in-sync replica.</summary>
    public long HighWatermark { get; private set; }

    /// <summary>First offset of the earliest open transaction, or the high watermark.</summary>
    public long LastStableOffset { get; private set; }

    /// <summary><c>min.insync.replicas</c>; a value above the number of replicas counts as that number.</summary>
    public int MinInSyncReplicas { get; private set; } = 1;

    /// <summary>False while a new leader has not yet learned how far its predecessor had committed (KIP-207).</summary>
    public bool IsHighWatermarkKnown => HighWatermark >= EpochStartOffset;

    private int RequiredCount => Math.Min(MinInSyncReplicas, Math.Max(_assignment.Replicas.Count, 1));

    private bool HasEnoughInSync => _assignment.Isr.Count >= RequiredCount;

    /// <summary>Running total of the bytes readable under a limit; see <see cref="WaitingFetch.SeenBytes"/>.</summary>
    /// <param name="limit">The reader's limit.</param>
    public long ReadableBytes(ReadLimit limit) => _readable.Of(limit);

    /// <summary>The first offset that a reader may not see.</summary>
    /// <param name="limit">The reader's limit.</param>
    public long EndOffset(ReadLimit limit) => limit switch
    {
        ReadLimit.HighWatermark => HighWatermark,
        ReadLimit.LastStableOffset => LastStableOffset,
        _ => LogEndOffset,
    };

    /// <summary>Takes over the offsets of a log that was just opened.</summary>
    /// <param name="logStartOffset">First offset that exists.</param>
    /// <param name="logEndOffset">Offset of the next record.</param>
    /// <param name="highWatermark">The checkpointed high watermark; it is brought into the range of the log.</param>
    public void Open(long logStartOffset, long logEndOffset, long highWatermark)
    {
        LogStartOffset = logStartOffset;
        LogEndOffset = logEndOffset;
        HighWatermark = Math.Clamp(highWatermark, logStartOffset, logEndOffset);
        LastStableOffset = HighWatermark;
    }

    /// <summary>Applies a newer assignment. Older ones, by partition epoch, are ignored.</summary>
    /// <param name="assignment">The assignment of the metadata log.</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    /// <returns>True when the leader epoch changed: waits of the old epoch must be taken with <see cref="TakeAll"/>.</returns>
    public bool Assign(in PartitionAssignment assignment, long nowMs)
    {
        if (assignment.PartitionEpoch < _assignment.PartitionEpoch || assignment.LeaderEpoch < _assignment.LeaderEpoch)
            return false;

        bool isNewEpoch = assignment.LeaderEpoch != _assignment.LeaderEpoch;
        _assignment = assignment;
        IsLeader = assignment.Leader == localId;
        if (isNewEpoch)
            EpochStartOffset = LogEndOffset;
        _inSync.Assign(assignment, isNewEpoch, nowMs);
        AdvanceHighWatermark();
        return isNewEpoch;
    }

    /// <summary>Checks the leader epoch that a client believes in (KIP-320).</summary>
    /// <param name="currentLeaderEpoch">The client's epoch, -1 when it does not say.</param>
    /// <param name="mustLead">Whether only the leader may answer.</param>
    /// <returns>
    /// <see cref="ErrorCode.FencedLeaderEpoch"/> for an older epoch, <see cref="ErrorCode.UnknownLeaderEpoch"/> for one that this
    /// broker has not heard of, <see cref="ErrorCode.NotLeaderOrFollower"/>, or <see cref="ErrorCode.None"/>.
    /// </returns>
    public ErrorCode CheckEpoch(int currentLeaderEpoch, bool mustLead)
    {
        if (currentLeaderEpoch >= 0 && currentLeaderEpoch < LeaderEpoch)
            return ErrorCode.FencedLeaderEpoch;
        if (currentLeaderEpoch > LeaderEpoch)
            return ErrorCode.UnknownLeaderEpoch;
        return mustLead && !IsLeader ? ErrorCode.NotLeaderOrFollower : ErrorCode.None;
    }

    /// <summary>Says whether a produce may be appended now.</summary>
    /// <param name="acks">The acknowledgements asked for: -1, 0 or 1.</param>
    /// <returns>
    /// <see cref="ErrorCode.NotLeaderOrFollower"/>, <see cref="ErrorCode.NotEnoughReplicas"/> when acks is -1 and too few replicas
    /// are in sync, or <see cref="ErrorCode.None"/>.
    /// </returns>
    public ErrorCode CheckProduce(short acks)
    {
        if (!IsLeader)
            return ErrorCode.NotLeaderOrFollower;
        return acks == -1 && !HasEnoughInSync ? ErrorCode.NotEnoughReplicas : ErrorCode.None;
    }

    /// <summary>Sets <c>min.insync.replicas</c>; a lower value may let the high watermark move.</summary>
    /// <param name="count">The number of replicas.</param>
    public void RequireInSync(int count)
    {
        MinInSyncReplicas = count;
        AdvanceHighWatermark();
    }

    /// <summary>Notes an append to the local log.</summary>
    /// <param name="logEndOffset">The log end offset after it.</param>
    /// <param name="bytes">Its size in bytes.</param>
    public void Appended(long logEndOffset, int bytes)
    {
        LogEndOffset = logEndOffset;
        if (IsLeader && _inSync.IsAlone && HasEnoughInSync)
        {
            HighWatermark = logEndOffset;
            _readable.AppendedAndCommitted(bytes);
            return;
        }

        _readable.Appended(logEndOffset, bytes);
        AdvanceHighWatermark();
    }

    /// <summary>Notes the last stable offset that the log computed under the current high watermark.</summary>
    /// <param name="lastStableOffset">First offset of the earliest open transaction, or the high watermark.</param>
    public void MoveLastStableOffset(long lastStableOffset)
    {
        if (lastStableOffset == LastStableOffset)
            return;

        LastStableOffset = lastStableOffset;
        _readable.LastStableOffsetMoved();
    }

    /// <summary>Notes that records below an offset are gone, by DeleteRecords or retention.</summary>
    /// <param name="logStartOffset">First offset that exists.</param>
    public void MoveLogStart(long logStartOffset)
    {
        LogStartOffset = Math.Max(LogStartOffset, logStartOffset);
        HighWatermark = Math.Max(HighWatermark, LogStartOffset);
    }

    /// <summary>Notes that the log was cut.</summary>
    /// <param name="logStartOffset">First offset that exists.</param>
    /// <param name="logEndOffset">The new log end offset.</param>
    public void Truncated(long logStartOffset, long logEndOffset)
    {
        LogStartOffset = logStartOffset;
        LogEndOffset = logEndOffset;
        HighWatermark = Math.Clamp(HighWatermark, logStartOffset, logEndOffset);
        LastStableOffset = Math.Min(LastStableOffset, HighWatermark);
        _readable.Truncated();
    }

    /// <summary>Notes the high watermark that the leader told a follower.</summary>
    /// <param name="highWatermark">The leader's high watermark.</param>
    public void Follow(long highWatermark) => MoveHighWatermark(Math.Min(highWatermark, LogEndOffset));

    /// <summary>Lowest log start offset of this broker and the followers that are alive: what DeleteRecords waits for.</summary>
    /// <param name="isAlive">Whether a broker is registered and not fenced.</param>
    public long LowWatermark(Func<int, bool> isAlive) => _inSync.LowestStart(LogStartOffset, isAlive);

    /// <summary>Checks that a follower that fetches holds a replica.</summary>
    /// <param name="replicaId">Broker id of the follower.</param>
    /// <param name="currentLeaderEpoch">The leader epoch that it believes in, -1 when it does not say.</param>
    /// <returns>
    /// <see cref="ErrorCode.UnknownLeaderEpoch"/> for one that may have learned of its replica before this broker did,
    /// <see cref="ErrorCode.NotLeaderOrFollower"/> for one that names no epoch, or <see cref="ErrorCode.None"/>.
    /// </returns>
    public ErrorCode CheckReplica(int replicaId, int currentLeaderEpoch)
    {
        if (_inSync.Contains(replicaId))
            return ErrorCode.None;
        return currentLeaderEpoch >= 0 ? ErrorCode.UnknownLeaderEpoch : ErrorCode.NotLeaderOrFollower;
    }

    /// <summary>Finds the replica that a consumer should rather read, because it is in the same rack and the leader is not (KIP-392).</summary>
    /// <param name="reader">The consumer.</param>
    /// <param name="fetchOffset">The offset that it wants to read.</param>
    /// <returns>Broker id of the follower, or -1 when the consumer is right here.</returns>
    public int NearestReplica(NearbyReader reader, long fetchOffset) =>
        IsLeader && reader.RackOf(Assignment.Leader) != reader.Rack ? _inSync.Nearest(reader, fetchOffset) : -1;

    /// <summary>Notes a follower's fetch, which says how far its copy reaches.</summary>
    /// <param name="fetch">What it says.</param>
    /// <param name="proposal">The in-sync replicas with the follower among them, when it may enter now.</param>
    /// <returns><see cref="ErrorCode.NotLeaderOrFollower"/> when the broker holds no replica, else <see cref="ErrorCode.None"/>.</returns>
    public ErrorCode FollowerFetched(in FollowerFetch fetch, out IsrProposal? proposal)
    {
        proposal = null;
        if (!_inSync.Contains(fetch.ReplicaId))
            return ErrorCode.NotLeaderOrFollower;

        _inSync.Fetched(fetch, LogEndOffset, LagTimeMaxMs);
        proposal = _inSync.Expand(fetch.ReplicaId, HighWatermark, EpochStartOffset);
        AdvanceHighWatermark();
        return ErrorCode.None;
    }

    /// <summary>
    /// Looks for in-sync followers that lag. The present in-sync replicas count for the high watermark until the controller has decided.
    /// </summary>
    /// <param name="nowMs">The time in milliseconds.</param>
    /// <returns>The in-sync replicas without them, or null when nobody lags or a proposal is under way.</returns>
    public IsrProposal? ProposeShrinking(long nowMs)
    {
        if (!IsLeader)
            return null;

        IsrProposal? proposal = _inSync.Shrink(LogEndOffset, nowMs, LagTimeMaxMs);
        AdvanceHighWatermark();
        return proposal;
    }

    /// <summary>Whether a proposal waits for the controller's decision.</summary>
    /// <param name="proposal">The proposal.</param>
    public bool IsProposed(IsrProposal proposal) => _inSync.IsCurrent(proposal);

    /// <summary>Takes the controller's answer to a proposal.</summary>
    /// <param name="proposal">The proposal; one that is not under way any more is ignored.</param>
    /// <param name="error">The error of the answer.</param>
    /// <param name="decided">Without an error: the assignment as it is now.</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    /// <returns>True when the same proposal must be sent again.</returns>
    public bool ProposalAnswered(IsrProposal proposal, ErrorCode error, in PartitionAssignment decided, long nowMs)
    {
        if (!_inSync.IsCurrent(proposal))
            return false;

        switch (error)
        {
            case ErrorCode.None:
                if (decided.LeaderEpoch == LeaderEpoch && decided.PartitionEpoch >= _assignment.PartitionEpoch)
                {
                    _inSync.Drop();
                    Assign(decided, nowMs);
                }

                return false;
            case ErrorCode.OperationNotAttempted or ErrorCode.IneligibleReplica:
                // Only these say that no controller has done it or ever will.
                _inSync.Drop();
                AdvanceHighWatermark();
                return false;
            case ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId or ErrorCode.FencedLeaderEpoch
                or ErrorCode.InvalidUpdateVersion or ErrorCode.InvalidRequest or ErrorCode.NewLeaderElected:
                // It may have been carried out: the proposal counts until the metadata log tells.
                return false;
            default:
                return true;
        }
    }

    /// <summary>Parks a produce until the high watermark reaches its offset, unless its outcome is known already.</summary>
    /// <param name="wait">The produce, with the offset and the leader epoch of its append.</param>
    /// <returns>False when <see cref="WaitingProduce.Result"/> is known.</returns>
    public bool TryPark(WaitingProduce wait)
    {
        if (!IsLeader || wait.LeaderEpoch != LeaderEpoch)
            wait.Result = ErrorCode.NotLeaderOrFollower;
        else if (wait.RequiredOffset <= HighWatermark)
            wait.Result = CommitResult;
        else
        {
            _waits.Add(wait);
            return true;
        }

        return false;
    }

    /// <summary>Parks a fetch, or renews what a parked one misses, unless the bytes have come since it looked.</summary>
    /// <param name="wait">The fetch.</param>
    /// <param name="seenBytes">The value of <see cref="ReadableBytes"/> when it looked.</param>
    /// <param name="missingBytes">How many more bytes must become readable before it is worth looking again; at least 1.</param>
    /// <returns>False when it should look again at once; it is not parked then.</returns>
    public bool TryPark(WaitingFetch wait, long seenBytes, long missingBytes)
    {
        if (_readable.Of(wait.Limit) - seenBytes >= missingBytes || wait.KnownHighWatermark < HighWatermark)
        {
            _waits.Remove(wait);
            return false;
        }

        wait.SeenBytes = seenBytes;
        wait.MissingBytes = missingBytes;
        if (!wait.IsChained)
            _waits.Add(wait);
        return true;
    }

    /// <summary>Takes a fetch out of the waiting list, after its deadline or when another partition satisfied it.</summary>
    /// <param name="wait">The fetch.</param>
    /// <returns>False when it did not wait here.</returns>
    public bool Unpark(WaitingFetch wait) => _waits.Remove(wait);

    /// <summary>Takes a produce out of the waiting list, after its deadline.</summary>
    /// <param name="wait">The produce.</param>
    /// <returns>False when it was handed back already.</returns>
    public bool Unpark(WaitingProduce wait) => _waits.Remove(wait);

    /// <summary>Unlinks every wait that the changes so far have ended.</summary>
    public ReadyWaits TakeReady()
    {
        if (_waits.IsEmpty)
            return default;

        return new(_waits.TakeProduces(HighWatermark, CommitResult), _waits.TakeFetches(_readable, HighWatermark));
    }

    /// <summary>Unlinks every wait, because the partition is led by somebody else, offline or deleted.</summary>
    /// <param name="result">What the produces are answered.</param>
    public ReadyWaits TakeAll(ErrorCode result) => new(_waits.TakeProduces(long.MaxValue, result), _waits.TakeAllFetches());

    private ErrorCode CommitResult => _inSync.MaximalCount >= RequiredCount ? ErrorCode.None : ErrorCode.NotEnoughReplicasAfterAppend;

    private void AdvanceHighWatermark()
    {
        // KIP-966: below min.insync.replicas nothing new counts as committed.
        if (!IsLeader || !HasEnoughInSync)
            return;

        MoveHighWatermark(_inSync.LowestEnd(LogEndOffset));
    }

    private void MoveHighWatermark(long highWatermark)
    {
        if (highWatermark <= HighWatermark)
            return;

        HighWatermark = highWatermark;
        _readable.HighWatermarkMoved(highWatermark);
    }
}
