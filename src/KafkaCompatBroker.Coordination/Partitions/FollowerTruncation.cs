using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>Where a follower cuts its copy, and which of the leader's batches it may keep.</summary>
public static class FollowerTruncation
{
    /// <summary>
    /// The end of the largest epoch that both logs have in common (KIP-279). When the copy does not know the leader's epoch, it is cut to
    /// the end of the largest older one, and the next fetch compares again.
    /// </summary>
    /// <param name="leaderEpoch">The largest epoch of the leader that is not above the follower's last; -1 when it names none.</param>
    /// <param name="leaderEndOffset">Where that epoch ends on the leader.</param>
    /// <param name="ownEpoch">The largest epoch of the copy that is not above <paramref name="leaderEpoch"/>; -1 when there is none.</param>
    /// <param name="ownEndOffset">Where that epoch ends in the copy.</param>
    /// <param name="logEndOffset">Offset of the next record of the copy.</param>
    /// <returns>The offset from which on everything goes.</returns>
    public static long Target(int leaderEpoch, long leaderEndOffset, int ownEpoch, long ownEndOffset, long logEndOffset)
    {
        if (leaderEpoch < 0 || ownEpoch < 0)
            return Math.Min(leaderEndOffset, logEndOffset);
        return ownEpoch == leaderEpoch
            ? Math.Min(Math.Min(ownEndOffset, leaderEndOffset), logEndOffset)
            : Math.Min(ownEndOffset, logEndOffset);
    }

    /// <summary>What a copy does that ends outside of the leader's log.</summary>
    /// <param name="position">How far the copy reaches.</param>
    /// <param name="leaderStartOffset">First offset that exists on the leader.</param>
    /// <param name="leaderEndOffset">Offset of the leader's next record.</param>
    /// <param name="startsAnew">True when nothing of the copy is worth keeping: it becomes empty and starts at the offset.</param>
    /// <returns>The offset at which the copy ends afterwards; its end when there is nothing to do.</returns>
    public static long EndInside(in FollowerPosition position, long leaderStartOffset, long leaderEndOffset, out bool startsAnew)
    {
        startsAnew = leaderStartOffset > position.LogEndOffset || leaderEndOffset < position.LogStartOffset;
        return startsAnew ? leaderStartOffset : Math.Min(position.LogEndOffset, leaderEndOffset);
    }

    /// <summary>The leading batches that were written up to an epoch: what a leader of a later one adds is not for this fetch.</summary>
    /// <param name="batches">Records as the leader sent them; what cannot be read is left for the log to refuse.</param>
    /// <param name="leaderEpoch">The epoch in which the follower fetched.</param>
    public static ReadOnlyMemory<byte> UpToEpoch(ReadOnlyMemory<byte> batches, int leaderEpoch)
    {
        ReadOnlySpan<byte> rest = batches.Span;
        while (RecordBatchView.TryRead(rest, out RecordBatchView batch) == RecordBatchStatus.Ok)
        {
            if (batch.PartitionLeaderEpoch > leaderEpoch)
                return batches[..^rest.Length];
            rest = rest[batch.SizeInBytes..];
        }

        return batches;
    }
}
