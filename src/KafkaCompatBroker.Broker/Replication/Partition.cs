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
    private readonly Lock _lock = new();
    private readonly PartitionLeader _leader;
    private PartitionLog _log;
    private ErrorCode _abandoned;

    public Partition(TopicPartition name, Uuid topicId, int localId, PartitionLog log)
    {
        Name = name;
        TopicId = topicId;
        _log = log;
        _leader = new PartitionLeader(localId);
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
        lock (_lock)
        {
            bool isNewEpoch = _leader.Assign(assignment, nowMs);
            _leader.RequireInSync(minInSyncReplicas);
            if (isNewEpoch && _leader.IsLeader)
                Log.BeginEpoch(assignment.LeaderEpoch);
            PublishOffsets();
            ready = isNewEpoch ? _leader.TakeAll(ErrorCode.NotLeaderOrFollower) : _leader.TakeReady();
        }

        Complete(ready);
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

        Complete(ready);
    }

    /// <summary>Appends the records of a producer; <paramref name="after"/> says what is committed then, and who leads.</summary>
    public AppendOutcome Append(
        ReadOnlyMemory<byte> records, short acks, long nowMs, bool allowsZstd, out PartitionView after, VerificationGuard? guard = null)
    {
        ReadyWaits ready;
        AppendOutcome outcome;
        lock (_lock)
        {
            ErrorCode refused = _abandoned != ErrorCode.None ? _abandoned : _leader.CheckProduce(acks);
            outcome = LockedAppend(records, refused, new AppendContext(_leader.LeaderEpoch, AppendOrigin.Client, nowMs, allowsZstd, guard));
            after = LockedView(refused, ReadLimit.HighWatermark);
            ready = _leader.TakeReady();
        }

        Complete(ready);
        return outcome;
    }

    /// <summary>Appends what a coordinator of this broker writes, provided that the broker still leads in the epoch in which it decided.</summary>
    /// <returns>NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, or as of any append.</returns>
    public AppendOutcome AppendOfCoordinator(
        ReadOnlyMemory<byte> records, int leaderEpoch, long nowMs, out long highWatermark, short markerVersion = 0)
    {
        ReadyWaits ready;
        AppendOutcome outcome;
        lock (_lock)
        {
            ErrorCode refused = LockedCheckCoordinator(leaderEpoch);
            outcome = LockedAppend(records, refused, new AppendContext(leaderEpoch, AppendOrigin.Coordinator, nowMs, MarkerVersion: markerVersion));
            highWatermark = _leader.HighWatermark;
            ready = _leader.TakeReady();
        }

        Complete(ready);
        return outcome;
    }

    /// <summary>Whether <see cref="AppendOfCoordinator"/> would be refused now whatever the records are.</summary>
    public ErrorCode CheckAppendOfCoordinator(int leaderEpoch)
    {
        lock (_lock)
            return LockedCheckCoordinator(leaderEpoch);
    }

    /// <summary>Appends the marker that ends a transaction; <paramref name="after"/> says whether it is committed.</summary>
    /// <returns>INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED, or as of any append.</returns>
    public AppendOutcome AppendMarker(ReadOnlyMemory<byte> marker, short transactionVersion, long nowMs, out PartitionView after)
    {
        ReadyWaits ready;
        AppendOutcome outcome;
        lock (_lock)
        {
            ErrorCode refused = _abandoned != ErrorCode.None ? _abandoned : _leader.CheckProduce(acks: -1);
            outcome = LockedAppend(marker, refused, new AppendContext(_leader.LeaderEpoch, AppendOrigin.Coordinator, nowMs, MarkerVersion: transactionVersion));
            after = LockedView(refused, ReadLimit.HighWatermark);
            ready = _leader.TakeReady();
        }

        Complete(ready);
        return outcome;
    }

    /// <summary>What a reader may see now, or why it may see nothing.</summary>
    public PartitionView View(int currentLeaderEpoch, bool mustLead, ReadLimit limit)
    {
        lock (_lock)
        {
            // Retention moves the start of the log by itself.
            if (Log.LogStartOffset > _leader.LogStartOffset)
                _leader.MoveLogStart(Log.LogStartOffset);
            return LockedView(_abandoned != ErrorCode.None ? _abandoned : _leader.CheckEpoch(currentLeaderEpoch, mustLead), limit);
        }
    }

    /// <summary>Notes how far a follower's copy reaches, and wakes those who waited for it.</summary>
    public ErrorCode FollowerFetched(int replicaId, long fetchOffset, long logStartOffset, long nowMs)
    {
        ReadyWaits ready;
        ErrorCode error;
        lock (_lock)
        {
            error = _leader.FollowerFetched(replicaId, fetchOffset, logStartOffset, nowMs);
            PublishOffsets();
            ready = _leader.TakeReady();
        }

        Complete(ready);
        return error;
    }

    /// <summary>Moves the log start offset, for DeleteRecords. An offset of -1 means the high watermark.</summary>
    /// <returns>OFFSET_OUT_OF_RANGE for an offset that is negative or above the high watermark; else the low watermark.</returns>
    public ErrorCode DeleteRecordsBefore(long offset, out long lowWatermark)
    {
        lock (_lock)
        {
            lowWatermark = -1;
            if (_abandoned != ErrorCode.None)
                return _abandoned;
            if (!_leader.IsLeader)
                return ErrorCode.NotLeaderOrFollower;

            long target = offset == -1 ? _leader.HighWatermark : offset;
            if (target < 0 || target > _leader.HighWatermark)
                return ErrorCode.OffsetOutOfRange;

            Log.AdvanceLogStartOffset(target);
            _leader.MoveLogStart(Log.LogStartOffset);
            PublishOffsets();
            lowWatermark = _leader.LowWatermark;
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

        Complete(ready);
        return error;
    }

    /// <summary>Answers everybody who waits here or comes later with an error: the partition is deleted or its directory failed.</summary>
    public void Abandon(ErrorCode result)
    {
        ReadyWaits ready;
        lock (_lock)
        {
            _abandoned = result;
            ready = _leader.TakeAll(result);
        }

        Complete(ready);
    }

    private static void Complete(ReadyWaits ready)
    {
        for (WaitingProduce? wait = ready.Produces; wait is not null;)
        {
            WaitingProduce? next = wait.NextReady;
            ((CommitWait)wait).Committed();
            wait = next;
        }

        for (WaitingFetch? wait = ready.Fetches; wait is not null;)
        {
            // A woken fetch may park again before the loop goes on.
            WaitingFetch? next = wait.NextReady;
            ((PendingFetchPart)wait).Wake();
            wait = next;
        }
    }

    private ErrorCode LockedCheckCoordinator(int leaderEpoch) =>
        _abandoned != ErrorCode.None ? _abandoned
        : leaderEpoch != _leader.LeaderEpoch ? ErrorCode.NotLeaderOrFollower
        : _leader.CheckProduce(acks: -1);

    private AppendOutcome LockedAppend(ReadOnlyMemory<byte> records, ErrorCode refused, in AppendContext context)
    {
        if (refused != ErrorCode.None)
            return new AppendOutcome(refused, null, [], -1, -1, -1, -1, IsDuplicate: false);

        AppendOutcome outcome = Log.Append(records, context);
        if (outcome.Error == ErrorCode.None && !outcome.IsDuplicate)
        {
            _leader.Appended(outcome.LastOffset + 1, records.Length);
            PublishOffsets();
        }

        return outcome;
    }

    private PartitionView LockedView(ErrorCode error, ReadLimit limit) => new()
    {
        Error = error,
        Leader = _leader.Assignment.Leader,
        LeaderEpoch = _leader.LeaderEpoch,
        IsHighWatermarkKnown = !_leader.IsLeader || _leader.IsHighWatermarkKnown,
        LogStartOffset = _leader.LogStartOffset,
        LogEndOffset = _leader.LogEndOffset,
        HighWatermark = _leader.HighWatermark,
        LastStableOffset = _leader.LastStableOffset,
        EndOffset = _leader.EndOffset(limit),
        ReadableBytes = _leader.ReadableBytes(limit),
    };

    private void PublishOffsets()
    {
        Log.UpdateHighWatermark(_leader.HighWatermark);
        _leader.MoveLastStableOffset(Log.LastStableOffset);
    }
}
