using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// A replica of this broker while it follows in one leader epoch: takes the leader's batches as they are, or cuts what the leader does not
/// have. Every change is made under the partition's lock, and not at all once the metadata log says something newer.
/// </summary>
internal sealed class FollowerCopy(Partition partition, int leaderId, int leaderEpoch, ReplicationThrottle throttle)
    : FollowedReplica(new(partition.TopicId, partition.Name.Partition), partition.Name.Topic, leaderEpoch)
{
    private volatile bool _hasCaughtUp;
    private volatile bool _isRetired;

    public Partition Partition { get; } = partition;

    public int LeaderId { get; } = leaderId;

    public override FollowerPosition Position => Partition.Position;

    /// <summary>A copy that has all that is committed is not held back: it would leave the in-sync replicas.</summary>
    public override bool IsHeldBack => !_hasCaughtUp && Partition.Throttled.HasFlag(ThrottledRoles.Follower) && throttle.IsExceeded;

    /// <summary>Changes nothing any more from the next change on: another object may copy the same replica in the same epoch.</summary>
    public void Retire() => _isRetired = true;

    /// <summary>The same replica in the same epoch, for another lane.</summary>
    public FollowerCopy Again() => new(Partition, LeaderId, LeaderEpoch, throttle);

    /// <summary>Appends the leader's batches and takes over its high watermark and its log start offset.</summary>
    /// <returns>FENCED_LEADER_EPOCH when the copy follows no more; CORRUPT_MESSAGE also when there are bytes but no batch.</returns>
    /// <exception cref="StorageException">The log directory has failed and is fenced now.</exception>
    public ErrorCode Append(FetchResponse.PartitionData answer, long nowMs, out string? reason)
    {
        ReadOnlyMemory<byte> batches = FollowerTruncation.UpToEpoch(answer.Records ?? default, LeaderEpoch);
        // The metadata log will tell this broker of the later epoch, too.
        if (batches.IsEmpty && answer.Records is { IsEmpty: false })
        {
            reason = "All of it is of a later epoch.";
            return ErrorCode.UnknownLeaderEpoch;
        }

        string? message = null;
        ErrorCode error = Follow((log, state) =>
        {
            if (!batches.IsEmpty)
            {
                AppendOutcome outcome = AppendTo(log, batches, nowMs);
                message = outcome.Message;
                if (outcome.Error != ErrorCode.None)
                    return outcome.Error;
                if (outcome.LastOffset < 0)
                    return ErrorCode.CorruptMessage;
                state.Appended(log.LogEndOffset, batches.Length);
            }

            TakeOver(log, state, answer);
            _hasCaughtUp = log.LogEndOffset >= answer.HighWatermark;
            return ErrorCode.None;
        });
        if (Partition.Throttled.HasFlag(ThrottledRoles.Follower))
            throttle.Count(batches.Length);
        reason = message;
        return error;
    }

    /// <summary>Cuts the copy to where its history and the leader's part (KIP-595).</summary>
    /// <returns>As of <see cref="Append"/>; OFFSET_OUT_OF_RANGE when nothing was cut though the leader says that the histories differ.</returns>
    /// <exception cref="StorageException">The log directory has failed and is fenced now.</exception>
    public ErrorCode TruncateTo(int epoch, long endOffset, long nowMs) => Follow((log, state) =>
    {
        FollowerPosition before = new(log.LogStartOffset, log.LogEndOffset, log.LatestEpoch);
        EpochStart own = log.OffsetForEpoch(epoch);
        log.TruncateTo(FollowerTruncation.Target(epoch, endOffset, own.Epoch, own.StartOffset, log.LogEndOffset), nowMs);
        state.Truncated(log.LogStartOffset, log.LogEndOffset);
        return before == new FollowerPosition(log.LogStartOffset, log.LogEndOffset, log.LatestEpoch) ? ErrorCode.OffsetOutOfRange : ErrorCode.None;
    });

    /// <summary>Brings the end of the copy into the leader's log.</summary>
    /// <returns>As of <see cref="TruncateTo"/>.</returns>
    /// <exception cref="StorageException">The log directory has failed and is fenced now.</exception>
    public ErrorCode MoveInside(long leaderStartOffset, long leaderEndOffset, long nowMs) => Follow((log, state) =>
    {
        FollowerPosition before = new(log.LogStartOffset, log.LogEndOffset, log.LatestEpoch);
        long end = FollowerTruncation.EndInside(before, leaderStartOffset, leaderEndOffset, out bool startsAnew);
        if (startsAnew)
            log.TruncateFullyAndStartAt(end, nowMs);
        else
            log.TruncateTo(end, nowMs);
        state.Truncated(log.LogStartOffset, log.LogEndOffset);
        return before == new FollowerPosition(log.LogStartOffset, log.LogEndOffset, log.LatestEpoch) ? ErrorCode.OffsetOutOfRange : ErrorCode.None;
    });

    private ErrorCode Follow(Func<PartitionLog, PartitionLeader, ErrorCode> change) =>
        Partition.Follow(LeaderEpoch, (log, state) => _isRetired ? ErrorCode.FencedLeaderEpoch : change(log, state));

    private static AppendOutcome AppendTo(PartitionLog log, ReadOnlyMemory<byte> batches, long nowMs)
    {
        // After DeleteRecords the leader's log may start inside of a batch, which an empty copy needs as a whole.
        if (log.LogEndOffset == log.LogStartOffset
            && RecordBatchView.TryRead(batches.Span, out RecordBatchView first) == RecordBatchStatus.Ok
            && first.IsCrcValid()
            && first.BaseOffset < log.LogEndOffset
            && first.LastOffset >= log.LogEndOffset)
        {
            log.TruncateFullyAndStartAt(first.BaseOffset, nowMs);
        }

        return log.AppendFromLeader(batches, nowMs);
    }

    private static void TakeOver(PartitionLog log, PartitionLeader state, FetchResponse.PartitionData answer)
    {
        state.Follow(answer.HighWatermark);
        log.UpdateHighWatermark(state.HighWatermark);
        long logStartOffset = Math.Min(answer.LogStartOffset, state.HighWatermark);
        if (logStartOffset > log.LogStartOffset)
            log.AdvanceLogStartOffset(logStartOffset);
        state.MoveLogStart(log.LogStartOffset);
    }
}
