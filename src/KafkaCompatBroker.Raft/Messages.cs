namespace KafkaCompatBroker.Raft;

/// <summary>A message between two nodes of the quorum.</summary>
/// <param name="CorrelationId">Chosen by the side that asks; the answer carries it back.</param>
/// <param name="Source">Node id of the sender; negative for an observer without one.</param>
/// <param name="Destination">Node id of the receiver.</param>
public abstract record RaftMessage(long CorrelationId, int Source, int Destination);

/// <summary>An answer. <paramref name="Epoch"/> and <paramref name="LeaderId"/> are what the answering node knows.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The node that answers.</param>
/// <param name="Destination">The node that asked.</param>
/// <param name="Error">Why the request failed.</param>
/// <param name="Epoch">The answering node's epoch; 0 with <see cref="RaftError.Disconnected"/>.</param>
/// <param name="LeaderId">Leader of that epoch, -1 when not known.</param>
public abstract record RaftResponse(long CorrelationId, int Source, int Destination, RaftError Error, int Epoch, int LeaderId)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Asks for a vote, or whether there would be one (<paramref name="PreVote"/>, KIP-996: <paramref name="Epoch"/> is then not raised yet).</summary>
/// <param name="CorrelationId">Chosen by the candidate.</param>
/// <param name="Source">The candidate's id.</param>
/// <param name="Destination">The voter asked.</param>
/// <param name="Epoch">The epoch to lead; for a pre-vote the current one.</param>
/// <param name="Candidate">The candidate's replica key.</param>
/// <param name="Voter">The replica that is asked, null when the candidate does not know directory ids.</param>
/// <param name="LastLog">End of the candidate's log.</param>
/// <param name="PreVote">Whether this only sounds out.</param>
public sealed record VoteRequest(long CorrelationId, int Source, int Destination, int Epoch, ReplicaKey Candidate, ReplicaKey? Voter, LogPosition LastLog, bool PreVote)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Answer to <see cref="VoteRequest"/>.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The voter.</param>
/// <param name="Destination">The candidate.</param>
/// <param name="Error">Why the request failed.</param>
/// <param name="Epoch">The voter's epoch.</param>
/// <param name="LeaderId">Leader known to the voter, or -1.</param>
/// <param name="Granted">The vote.</param>
public sealed record VoteResponse(long CorrelationId, int Source, int Destination, RaftError Error, int Epoch, int LeaderId, bool Granted)
    : RaftResponse(CorrelationId, Source, Destination, Error, Epoch, LeaderId);

/// <summary>A new leader tells a voter of itself and repeats it until the voter has answered: in a pull protocol nobody else would.</summary>
/// <param name="CorrelationId">Chosen by the leader.</param>
/// <param name="Source">The leader.</param>
/// <param name="Destination">The voter.</param>
/// <param name="Epoch">The leader's epoch.</param>
/// <param name="Voter">The replica meant, null when its directory is not known.</param>
public sealed record BeginQuorumEpochRequest(long CorrelationId, int Source, int Destination, int Epoch, ReplicaKey? Voter)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Answer to <see cref="BeginQuorumEpochRequest"/>.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The voter.</param>
/// <param name="Destination">The leader.</param>
/// <param name="Error">Why the request failed.</param>
/// <param name="Epoch">The voter's epoch.</param>
/// <param name="LeaderId">Leader known to the voter, or -1.</param>
public sealed record BeginQuorumEpochResponse(long CorrelationId, int Source, int Destination, RaftError Error, int Epoch, int LeaderId)
    : RaftResponse(CorrelationId, Source, Destination, Error, Epoch, LeaderId);

/// <summary>A leader that steps down tells the voters, so that they need not wait for a time-out.</summary>
/// <param name="CorrelationId">Chosen by the leader.</param>
/// <param name="Source">The leader.</param>
/// <param name="Destination">The voter.</param>
/// <param name="Epoch">The epoch that ends.</param>
/// <param name="PreferredSuccessors">Voters with the most complete logs first: each waits its turn before it stands.</param>
public sealed record EndQuorumEpochRequest(long CorrelationId, int Source, int Destination, int Epoch, IReadOnlyList<ReplicaKey> PreferredSuccessors)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Answer to <see cref="EndQuorumEpochRequest"/>.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The voter.</param>
/// <param name="Destination">The former leader.</param>
/// <param name="Error">Why the request failed.</param>
/// <param name="Epoch">The voter's epoch.</param>
/// <param name="LeaderId">Leader known to the voter, or -1.</param>
public sealed record EndQuorumEpochResponse(long CorrelationId, int Source, int Destination, RaftError Error, int Epoch, int LeaderId)
    : RaftResponse(CorrelationId, Source, Destination, Error, Epoch, LeaderId);

/// <summary>Pulls the log, and by its <paramref name="Position"/> acknowledges everything below as durable at the sender.</summary>
/// <param name="CorrelationId">Chosen by the follower.</param>
/// <param name="Source">The follower.</param>
/// <param name="Destination">The node believed to lead.</param>
/// <param name="Replica">The follower's replica key.</param>
/// <param name="Epoch">The follower's epoch.</param>
/// <param name="Position">End of the follower's durable log and the epoch of its last record.</param>
/// <param name="HighWatermark">What the follower knows to be committed (KIP-1166): a leader that knows more answers at once; long.MaxValue when it cannot say.</param>
/// <param name="WaitMs">How long the leader may hold a request that has nothing to get.</param>
public sealed record FetchRequest(long CorrelationId, int Source, int Destination, ReplicaKey Replica, int Epoch, LogPosition Position, long HighWatermark, int WaitMs)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Answer to <see cref="FetchRequest"/>.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The node that answers.</param>
/// <param name="Destination">The follower.</param>
/// <param name="Error">Why the request failed.</param>
/// <param name="Epoch">The answering node's epoch.</param>
/// <param name="LeaderId">Leader known to it, or -1.</param>
public sealed record FetchResponse(long CorrelationId, int Source, int Destination, RaftError Error, int Epoch, int LeaderId)
    : RaftResponse(CorrelationId, Source, Destination, Error, Epoch, LeaderId)
{
    /// <summary>The leader's high watermark, -1 before it has one in its epoch.</summary>
    public long HighWatermark { get; init; } = -1;

    /// <summary>Set when the logs differ: the leader's largest epoch not above the follower's last one, and where it ends.</summary>
    public LogPosition? Diverging { get; init; }

    /// <summary>Set when the leader no longer has the log at that position, only this snapshot.</summary>
    public LogPosition? Snapshot { get; init; }

    /// <summary>Set in an answer on its way out: the driver reads from this offset into <see cref="Entries"/> just before it sends.</summary>
    public long? ReadFrom { get; init; }

    /// <summary>The batches, whole, from the position asked for.</summary>
    public IReadOnlyList<RaftEntry> Entries { get; init; } = [];
}
