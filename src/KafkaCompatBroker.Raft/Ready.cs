namespace KafkaCompatBroker.Raft;

/// <summary>
/// What the driver must do now, in the order of the properties: write and sync the quorum state, start the log over, truncate, append, sync
/// the log, keep what came of a snapshot, then send the messages and publish the rest. Only then may it call <see cref="RaftNode.Advance"/>.
/// Nothing that rests on a promise of this node leaves it before the promise is on its disk.
/// </summary>
public sealed class Ready
{
    internal Ready() { }

    /// <summary>To be written and synced first; null when unchanged.</summary>
    public QuorumStateRecord? QuorumState { get; internal init; }

    /// <summary>The snapshot, already on the disk, that replaces the whole log: the log is emptied and starts at its offset. The high watermark
    /// below is then that offset, and the state machine must load the snapshot.</summary>
    public LogPosition? ResetTo { get; internal init; }

    /// <summary>To cut the log to; null for no cut. Never below the high watermark.</summary>
    public long? TruncateTo { get; internal init; }

    /// <summary>To be appended, and synced, after the cut.</summary>
    public IReadOnlyList<RaftEntry> Entries { get; internal init; } = [];

    /// <summary>Pieces of a leader's snapshot, in order, for a file that becomes a snapshot only when it is whole (KIP-630).</summary>
    public IReadOnlyList<SnapshotChunk> SnapshotChunks { get; internal init; } = [];

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

/// <summary>
/// A piece of a snapshot that the leader sent. Position 0 begins a new file, whatever there was of this or of another one. After the last
/// piece the driver checks the file, syncs and names it, and calls <see cref="RaftNode.SnapshotInstalled"/>, or
/// <see cref="RaftNode.SnapshotRefused"/> when it is not whole.
/// </summary>
/// <param name="Snapshot">The snapshot's identity.</param>
/// <param name="Position">Where in the file the bytes go: its present length.</param>
/// <param name="Bytes">The bytes; they need not be whole batches.</param>
/// <param name="IsLast">Whether the file is complete with them.</param>
public sealed record SnapshotChunk(LogPosition Snapshot, long Position, ReadOnlyMemory<byte> Bytes, bool IsLast);
