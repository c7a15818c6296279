using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// A replica on this broker: its log, the pure <see cref="PartitionLeader"/>, and the short lock that guards both. Nothing is awaited
/// and nobody is answered inside the lock. Reads of the log happen outside of it, on offsets seen inside.
/// </summary>
public sealed class Partition
{
    private const int AnyEpoch = -1;

    private readonly Lock _lock = new();
    private readonly PartitionLeader _leader;
    private readonly LeaderSite _site;
    private readonly DeletionWaits _deletions = new();
    private PartitionLog _log;
    private ErrorCode _abandoned;

    public Partition(TopicPartition name, Uuid topicId, int localId, PartitionLog log, LeaderSite? site = null)
    {
        _site = site ?? LeaderSite.Alone;
        Name = name;
        TopicId = topicId;
        _log = log;
        _leader = new PartitionLeader(localId) { LagTimeMaxMs = _site.LagTimeMaxMs };
        _leader.Open(log.LogStartOffset, log.LogEndOffset, log.HighWatermark);
        PublishOffsets();
    }

    public TopicPartition Name { get; }

    public Uuid TopicId { get; }

    /// <summary>Where the records are; another one after the replica was moved to another directory.</summary>
    public PartitionLog Log
    {
        get => Volatile.Read(ref _log);
        private set => Volatile.Write(ref _log, value);
    }

    /// <summary>In which roles a throttle applies to this replica.</summary>
    public ThrottledRoles Throttled { get; set; }

    public long HighWatermark
    {
        get
        {
            lock (_lock)
                return _leader.HighWatermark;
        }
    }

    public bool IsLeader
    {
        get
        {
            lock (_lock)
                return _leader.IsLeader;
        }
    }

    /// <summary>Applies what the metadata log says about this replica.</summary>
    public void Assign(in PartitionAssignment assignment, int minInSyncReplicas, long nowMs)
    {
        ReadyWaits ready;
        List<PendingDeletionPart>? deletions = null;
        lock (_lock)
        {
            bool isNewEpoch = _leader.Assign(assignment, nowMs);
            if (!_leader.IsLeader)
                deletions = _deletions.Take(long.MaxValue);
            _leader.RequireInSync(minInSyncReplicas);
            if (isNewEpoch && _leader.IsLeader)
                Log.BeginEpoch(assignment.LeaderEpoch);
            PublishOffsets();
            ready = isNewEpoch ? _leader.TakeAll(Log.IsOffline ? ErrorCode.KafkaStorageError : ErrorCode.NotLeaderOrFollower) : _leader.TakeReady();
        }

        ready.Complete();
        DeletionWaits.Complete(deletions, ErrorCode.NotLeaderOrFollower, -1);
    }

    /// <summary>Applies topic properties that changed.</summary>
    public void Configure(LogConfig config, int minInSyncReplicas)
    {
        ReadyWaits ready;
        lock (_lock)
        {
            Log.Config = config;
            _leader.RequireInSync(minInSyncReplicas);
            PublishOffsets();
            ready = _leader.TakeReady();
        }

        ready.Complete();
    }

    /// <summary>Appends the records of a producer; <paramref name="after"/> says what is committed then, and who leads.</summary>
    public AppendOutcome Append(
        ReadOnlyMemory<byte> records, short acks, long nowMs, bool allowsZstd, out PartitionView after, VerificationGuard? guard = null) =>
        Append(records, acks, new AppendContext(AnyEpoch, AppendOrigin.Client, nowMs, allowsZstd, guard), out after);

    /// <summary>Appends what a coordinator of this broker writes, provided that the broker still leads in the epoch in which it decided.</summary>
    /// <returns>NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, or as of any append.</returns>
    public AppendOutcome AppendOfCoordinator(
        ReadOnlyMemory<byte> records, int leaderEpoch, long nowMs, out long highWatermark, short markerVersion = 0)
    {
        AppendContext context = new(leaderEpoch, AppendOrigin.Coordinator, nowMs, MarkerVersion: markerVersion);
        AppendOutcome outcome = Append(records, acks: -1, context, out PartitionView after);
        highWatermark = after.HighWatermark;
        return outcome;
    }

    /// <summary>Whether <see cref="AppendOfCoordinator"/> would be refused now whatever the records are.</summary>
    public ErrorCode CheckAppendOfCoordinator(int leaderEpoch)
    {
        lock (_lock)
            return LockedCheck(leaderEpoch, acks: -1);
    }

    /// <summary>Appends the marker that ends a transaction; <paramref name="after"/> says whether it is committed.</summary>
    /// <returns>INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED, or as of any append.</returns>
    public AppendOutcome AppendMarker(ReadOnlyMemory<byte> marker, short transactionVersion, long nowMs, out PartitionView after) =>
        Append(marker, acks: -1, new AppendContext(AnyEpoch, AppendOrigin.Coordinator, nowMs, MarkerVersion: transactionVersion), out after);

    /// <summary>What a reader may see now, or why it may see nothing.</summary>
    public PartitionView View(int currentLeaderEpoch, bool mustLead, ReadLimit limit, int replicaId = -1, (NearbyReader? Who, long Offset) reader = default)
    {
        lock (_lock)
        {
            // Retention moves the start of the log by itself.
            if (Log.LogStartOffset > _leader.LogStartOffset)
                _leader.MoveLogStart(Log.LogStartOffset);
            ErrorCode error = Refusal != ErrorCode.None ? Refusal : _leader.CheckEpoch(currentLeaderEpoch, mustLead);
            if (error == ErrorCode.None && replicaId >= 0)
                error = _leader.CheckReplica(replicaId, currentLeaderEpoch);
            return PartitionView.Of(_leader, error, limit, reader.Who, reader.Offset);
        }
    }

    /// <summary>Notes how far a follower's copy reaches, wakes those who waited for it, and proposes it for the in-sync replicas.</summary>
    public ErrorCode FollowerFetched(in FollowerFetch fetch, out long highWatermark)
    {
        ReadyWaits ready;
        ErrorCode error;
        IsrProposal? proposal;
        List<PendingDeletionPart>? deletions = null;
        long lowWatermark = -1;
        lock (_lock)
        {
            error = _leader.FollowerFetched(fetch, out proposal);
            PublishOffsets();
            highWatermark = _leader.HighWatermark;
            ready = _leader.TakeReady();
            if (!_deletions.IsEmpty)
                deletions = _deletions.Take(lowWatermark = _leader.LowWatermark(_site.IsAlive));
        }

        ready.Complete();
        DeletionWaits.Complete(deletions, ErrorCode.None, lowWatermark);
        if (proposal is not null)
            _site.Propose(this, proposal);
        return error;
    }

    /// <summary>Proposes to leave out in-sync followers that lag.</summary>
    public void LeaveLaggards(long nowMs)
    {
        ReadyWaits ready;
        IsrProposal? proposal;
        lock (_lock)
        {
            if (_abandoned != ErrorCode.None)
                return;
            proposal = _leader.ProposeShrinking(nowMs);
            PublishOffsets();
            ready = _leader.TakeReady();
        }

        ready.Complete();
        if (proposal is not null)
            _site.Propose(this, proposal);
    }

    /// <summary>Whether the controller's answer to a proposal still matters.</summary>
    internal bool IsProposed(IsrProposal proposal)
    {
        lock (_lock)
            return _abandoned == ErrorCode.None && _leader.IsProposed(proposal);
    }

    /// <summary>Takes the controller's answer to a proposal; true when it must be asked again.</summary>
    internal bool ProposalAnswered(IsrProposal proposal, AlterPartitionResponse.PartitionData answer, long nowMs)
    {
        ReadyWaits ready;
        bool mustAskAgain;
        lock (_lock)
        {
            PartitionAssignment decided = new(answer.LeaderId, answer.LeaderEpoch, answer.PartitionEpoch, _leader.Assignment.Replicas, answer.Isr);
            mustAskAgain = _leader.ProposalAnswered(proposal, answer.ErrorCode, decided, nowMs);
            PublishOffsets();
            ready = _leader.TakeReady();
        }

        ready.Complete();
        return mustAskAgain;
    }

    /// <summary>Moves the log start offset, for DeleteRecords. An offset of -1 means the high watermark.</summary>
    /// <param name="requiredOffset">The low watermark at which every live replica has deleted the records.</param>
    /// <param name="lowWatermark">The low watermark now.</param>
    /// <returns>OFFSET_OUT_OF_RANGE for an offset that is negative or above the high watermark.</returns>
    public ErrorCode DeleteRecordsBefore(long offset, out long requiredOffset, out long lowWatermark)
    {
        lock (_lock)
        {
            lowWatermark = requiredOffset = -1;
            if (Refusal != ErrorCode.None)
                return Refusal;
            if (!_leader.IsLeader)
                return ErrorCode.NotLeaderOrFollower;

            long target = offset == -1 ? _leader.HighWatermark : offset;
            if (target < 0 || target > _leader.HighWatermark)
                return ErrorCode.OffsetOutOfRange;

            Log.AdvanceLogStartOffset(target);
            _leader.MoveLogStart(Log.LogStartOffset);
            PublishOffsets();
            requiredOffset = target;
            lowWatermark = _leader.LowWatermark(_site.IsAlive);
            return ErrorCode.None;
        }
    }

    /// <summary>Parks one partition of a fetch. False when bytes came since it looked: it should read again.</summary>
    public bool TryPark(WaitingFetch wait, long seenBytes, long missingBytes)
    {
        lock (_lock)
            return _leader.TryPark(wait, seenBytes, missingBytes);
    }

    /// <summary>Parks a produce until it is committed. False when its outcome is known.</summary>
    public bool TryPark(WaitingProduce wait)
    {
        lock (_lock)
            return _leader.TryPark(wait);
    }

    /// <summary>Has a DeleteRecords wait for the followers.</summary>
    internal void Park(PendingDeletionPart wait)
    {
        ErrorCode error;
        long lowWatermark;
        lock (_lock)
        {
            error = Refusal != ErrorCode.None ? Refusal : _leader.IsLeader ? ErrorCode.None : ErrorCode.NotLeaderOrFollower;
            lowWatermark = _leader.LowWatermark(_site.IsAlive);
            if (error == ErrorCode.None && lowWatermark < wait.RequiredOffset)
            {
                _deletions.Add(wait);
                return;
            }
        }

        wait.Complete(error, error == ErrorCode.None ? lowWatermark : -1);
    }

    /// <summary>False when the DeleteRecords was completed in the meantime.</summary>
    internal bool Unpark(PendingDeletionPart wait)
    {
        lock (_lock)
            return _deletions.Remove(wait);
    }

    public void Unpark(WaitingFetch wait)
    {
        lock (_lock)
            _leader.Unpark(wait);
    }

    /// <summary>False when the produce was committed or refused in the meantime.</summary>
    public bool Unpark(WaitingProduce wait)
    {
        lock (_lock)
            return _leader.Unpark(wait);
    }

    /// <summary>Lets another log with the same records take the place of this one; nobody appends meanwhile.</summary>
    /// <param name="replacement">Makes it of the present log, or tells by null that it is not ready.</param>
    internal bool TryReplaceLog(Func<PartitionLog, PartitionLog?> replacement)
    {
        lock (_lock)
        {
            if (_abandoned != ErrorCode.None || replacement(Log) is not { } next)
                return false;
            if (_leader.IsLeader)
                next.BeginEpoch(_leader.LeaderEpoch);
            Log = next;
            PublishOffsets();
            return true;
        }
    }

    /// <summary>How far this copy reaches, for a fetch from the leader.</summary>
    internal FollowerPosition Position
    {
        get
        {
            lock (_lock)
                return new(Log.LogStartOffset, Log.LogEndOffset, Log.LatestEpoch);
        }
    }

    /// <summary>Lets a follower change its copy, provided that it still follows in the epoch in which it asked the leader.</summary>
    /// <param name="leaderEpoch">That epoch.</param>
    /// <param name="change">Changes the log and says so to the pure state.</param>
    /// <returns>FENCED_LEADER_EPOCH when it follows no more, or the error of the change.</returns>
    /// <exception cref="StorageException">The log directory has failed and is fenced now.</exception>
    internal ErrorCode Follow(int leaderEpoch, Func<PartitionLog, PartitionLeader, ErrorCode> change)
    {
        ReadyWaits ready;
        ErrorCode error;
        lock (_lock)
        {
            if (_abandoned != ErrorCode.None || _leader.IsLeader || _leader.LeaderEpoch != leaderEpoch)
                return ErrorCode.FencedLeaderEpoch;
            error = change(Log, _leader);
            PublishOffsets();
            ready = _leader.TakeReady();
        }

        ready.Complete();
        return error;
    }

    /// <summary>Answers everybody who waits here or comes later with an error: the partition is deleted or its directory failed.</summary>
    public void Abandon(ErrorCode result)
    {
        ReadyWaits ready;
        List<PendingDeletionPart> deletions;
        lock (_lock)
        {
            _abandoned = result;
            ready = _leader.TakeAll(result);
            deletions = _deletions.Take(long.MaxValue);
        }

        ready.Complete();
        DeletionWaits.Complete(deletions, result, -1);
    }

    private ErrorCode Refusal => _abandoned == ErrorCode.None && Log.IsOffline ? ErrorCode.KafkaStorageError : _abandoned;

    private ErrorCode LockedCheck(int leaderEpoch, short acks) =>
        Refusal != ErrorCode.None ? Refusal
        : leaderEpoch != AnyEpoch && leaderEpoch != _leader.LeaderEpoch ? ErrorCode.NotLeaderOrFollower
        : _leader.CheckProduce(acks);

    private AppendOutcome Append(ReadOnlyMemory<byte> records, short acks, in AppendContext context, out PartitionView after)
    {
        ReadyWaits ready;
        AppendOutcome outcome;
        lock (_lock)
        {
            ErrorCode refused = LockedCheck(context.LeaderEpoch, acks);
            outcome = refused == ErrorCode.None
                ? LockedAppend(records, context with { LeaderEpoch = _leader.LeaderEpoch })
                : new AppendOutcome(refused, null, [], -1, -1, -1, -1, IsDuplicate: false);
            after = PartitionView.Of(_leader, refused, ReadLimit.HighWatermark);
            ready = _leader.TakeReady();
        }

        ready.Complete();
        return outcome;
    }

    private AppendOutcome LockedAppend(ReadOnlyMemory<byte> records, in AppendContext context)
    {
        AppendOutcome outcome = Log.Append(records, context);
        if (outcome.Error == ErrorCode.None && !outcome.IsDuplicate)
        {
            _leader.Appended(outcome.LastOffset + 1, records.Length);
            PublishOffsets();
        }

        return outcome;
    }

    private void PublishOffsets()
    {
        Log.UpdateHighWatermark(_leader.HighWatermark);
        _leader.MoveLastStableOffset(Log.LastStableOffset);
    }
}
