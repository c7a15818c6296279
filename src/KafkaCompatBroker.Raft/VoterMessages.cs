namespace KafkaCompatBroker.Raft;

/// <summary>An operator, or the replica itself, asks the leader to make a replica a voter (KIP-853).</summary>
/// <param name="CorrelationId">Chosen by the side that asks.</param>
/// <param name="Source">Node id of the sender, negative for a client.</param>
/// <param name="Destination">The node believed to lead.</param>
/// <param name="Replica">The new voter.</param>
/// <param name="Endpoints">Where it listens.</param>
/// <param name="AnswerWhenCommitted">Whether the answer waits for the commit of the new set; otherwise only for its append (KIP-1186).</param>
public sealed record AddVoterRequest(long CorrelationId, int Source, int Destination, ReplicaKey Replica, IReadOnlyList<VoterEndpoint> Endpoints, bool AnswerWhenCommitted)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Answer to <see cref="AddVoterRequest"/>. Epoch and leader do not travel.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The node that answers.</param>
/// <param name="Destination">The side that asked.</param>
/// <param name="Error">Why the voters were not changed, or not in time.</param>
/// <param name="Epoch">The answering node's epoch.</param>
/// <param name="LeaderId">Leader known to it, or -1.</param>
/// <param name="Reason">The error in words.</param>
public sealed record AddVoterResponse(long CorrelationId, int Source, int Destination, RaftError Error, int Epoch, int LeaderId, string? Reason = null)
    : RaftResponse(CorrelationId, Source, Destination, Error, Epoch, LeaderId);

/// <summary>An operator, or another directory of the same node, asks the leader to take a replica out of the voters (KIP-853).</summary>
/// <param name="CorrelationId">Chosen by the side that asks.</param>
/// <param name="Source">Node id of the sender, negative for a client.</param>
/// <param name="Destination">The node believed to lead.</param>
/// <param name="Replica">The voter to remove, with its directory id.</param>
public sealed record RemoveVoterRequest(long CorrelationId, int Source, int Destination, ReplicaKey Replica)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Answer to <see cref="RemoveVoterRequest"/>, when the new set is committed. Epoch and leader do not travel.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The node that answers.</param>
/// <param name="Destination">The side that asked.</param>
/// <param name="Error">Why the voters were not changed, or not in time.</param>
/// <param name="Epoch">The answering node's epoch.</param>
/// <param name="LeaderId">Leader known to it, or -1.</param>
/// <param name="Reason">The error in words.</param>
public sealed record RemoveVoterResponse(long CorrelationId, int Source, int Destination, RaftError Error, int Epoch, int LeaderId, string? Reason = null)
    : RaftResponse(CorrelationId, Source, Destination, Error, Epoch, LeaderId);

/// <summary>A voter tells the leader where it listens and which kraft.version it can run; before kraft.version 1 also its directory id.</summary>
/// <param name="CorrelationId">Chosen by the voter.</param>
/// <param name="Source">The voter's id.</param>
/// <param name="Destination">The leader.</param>
/// <param name="Epoch">The voter's epoch.</param>
/// <param name="Voter">What the voters record should say of it.</param>
public sealed record UpdateVoterRequest(long CorrelationId, int Source, int Destination, int Epoch, Voter Voter)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Answer to <see cref="UpdateVoterRequest"/>, as soon as the change is appended.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The node that answers.</param>
/// <param name="Destination">The voter.</param>
/// <param name="Error">Why nothing was changed.</param>
/// <param name="Epoch">The answering node's epoch.</param>
/// <param name="LeaderId">Leader known to it, or -1.</param>
public sealed record UpdateVoterResponse(long CorrelationId, int Source, int Destination, RaftError Error, int Epoch, int LeaderId)
    : RaftResponse(CorrelationId, Source, Destination, Error, Epoch, LeaderId);

/// <summary>The leader asks a replica, before it becomes a voter, which kraft.version it can run (ApiVersions on the wire).</summary>
/// <param name="CorrelationId">Chosen by the leader.</param>
/// <param name="Source">The leader.</param>
/// <param name="Destination">The replica's node id.</param>
/// <param name="Endpoints">Where the replica listens: no voter record says so yet.</param>
public sealed record KRaftVersionRequest(long CorrelationId, int Source, int Destination, IReadOnlyList<VoterEndpoint> Endpoints)
    : RaftMessage(CorrelationId, Source, Destination);

/// <summary>Answer to <see cref="KRaftVersionRequest"/>. It tells nothing of epochs.</summary>
/// <param name="CorrelationId">That of the request.</param>
/// <param name="Source">The replica.</param>
/// <param name="Destination">The leader.</param>
/// <param name="Error">None, or that there was no answer.</param>
/// <param name="Min">Lowest kraft.version.</param>
/// <param name="Max">Highest kraft.version; 0 when the replica does not know the feature.</param>
public sealed record KRaftVersionResponse(long CorrelationId, int Source, int Destination, RaftError Error, short Min, short Max)
    : RaftResponse(CorrelationId, Source, Destination, Error, 0, QuorumStateRecord.NoLeader);
