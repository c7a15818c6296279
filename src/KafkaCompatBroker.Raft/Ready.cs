namespace KafkaCompatBroker.Raft;

/// <summary>
/// What the driver must do now, in the order of the properties: write and sync the quorum state, truncate, append, sync the log, then send
/// the messages and publish the rest. Only then may it call <see cref="RaftNode.Advance"/>. Nothing that rests on a promise of this node
/// leaves it before the promise is on its disk.
/// </summary>
public sealed class Ready
{
    internal Ready() { }

    /// <summary>To be written and synced first; null when unchanged.</summary>
    public QuorumStateRecord? QuorumState { get; internal init; }

    /// <summary>To cut the log to; null for no cut. Never below the high watermark.</summary>
    public long? TruncateTo { get; internal init; }

    /// <summary>To be appended, and synced, after the cut.</summary>
    public IReadOnlyList<RaftEntry> Entries { get; internal init; } = [];

    /// <summary>To be sent once all of the above is durable.</summary>
    public IReadOnlyList<RaftMessage> Messages { get; internal init; } = [];

    /// <summary>The new high watermark: every record below it is committed; null when unchanged.</summary>
    public long? HighWatermark { get; internal init; }

    /// <summary>A new epoch or leader; null when unchanged.</summary>
    public Leadership? Leadership { get; internal init; }
}

/// <summary>Who leads.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="LeaderId">The leader's id, -1 while it is not known.</param>
public readonly record struct Leadership(int Epoch, int LeaderId);
