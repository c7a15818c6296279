namespace KafkaCompatBroker.Raft;

/// <summary>Asks the leader for a piece of a snapshot that it named in answer to a fetch (KIP-630).</summary>
/// <param name="CorrelationId">Chosen by the follower.</param>
/// <param name="Source">The follower.</param>
/// <param name="Destination">The leader.</param>
/// <param name="Replica">The follower's replica key.</param>
/// <param name="Epoch">The follower's epoch.</param>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Position">First byte wanted: as many as the follower has.</param>
public sealed record FetchSnapshotRequest(long CorrelationId, int Source, int Destination, ReplicaKey Replica, int Epoch, LogPosition Snapshot, long Position)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Answer to <see cref="FetchSnapshotRequest"/>.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The node that answers.</param>
/// <param name="Destination">The follower.</param>
/// <param name="Error">Why the request failed.</param>
/// <param name="Epoch">The answering node's epoch.</param>
/// <param name="LeaderId">Leader known to it, or -1.</param>
public sealed record FetchSnapshotResponse(long CorrelationId, int Source, int Destination, RaftError Error, int Epoch, int LeaderId)
    : RaftResponse(CorrelationId, Source, Destination, Error, Epoch, LeaderId)
{
    /// <summary>The snapshot asked for.</summary>
    public LogPosition Snapshot { get; init; }

    /// <summary>Where in the snapshot <see cref="Bytes"/> stand.</summary>
    public long Position { get; init; }

    /// <summary>Bytes of the whole snapshot.</summary>
    public long Size { get; init; }

    /// <summary>The piece; it need not be whole batches.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>
    /// Set in an answer on its way out: the driver calls <see cref="WithPiece"/> or <see cref="WithError"/> just before it sends, with
    /// <see cref="RaftError.SnapshotNotFound"/> when the snapshot is gone and <see cref="RaftError.PositionOutOfRange"/> when
    /// <see cref="Position"/> is not inside it.
    /// </summary>
    public bool IsToBeRead { get; init; }

    /// <summary>This answer with the bytes read.</summary>
    public FetchSnapshotResponse WithPiece(long size, ReadOnlyMemory<byte> bytes) => this with { IsToBeRead = false, Size = size, Bytes = bytes };

    /// <summary>This answer when nothing can be read.</summary>
    public FetchSnapshotResponse WithError(RaftError error) => this with { IsToBeRead = false, Error = error };
}
