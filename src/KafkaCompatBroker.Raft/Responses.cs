namespace KafkaCompatBroker.Raft;

/// <summary>Answers, each with the epoch and the leader that this node knows.</summary>
internal static class Responses
{
    public static VoteResponse Vote(RaftState state, VoteRequest request, RaftError error, bool granted = false) =>
        new(request.CorrelationId, state.Options.Local.Id, request.Source, error, state.Epoch, state.LeaderId, granted);

    public static BeginQuorumEpochResponse BeginQuorumEpoch(RaftState state, BeginQuorumEpochRequest request, RaftError error) =>
        new(request.CorrelationId, state.Options.Local.Id, request.Source, error, state.Epoch, state.LeaderId);

    public static EndQuorumEpochResponse EndQuorumEpoch(RaftState state, EndQuorumEpochRequest request, RaftError error) =>
        new(request.CorrelationId, state.Options.Local.Id, request.Source, error, state.Epoch, state.LeaderId);

    public static FetchResponse Fetch(RaftState state, FetchRequest request, RaftError error = RaftError.None) =>
        new(request.CorrelationId, state.Options.Local.Id, request.Source, error, state.Epoch, state.LeaderId);

    public static FetchSnapshotResponse FetchSnapshot(RaftState state, FetchSnapshotRequest request, RaftError error = RaftError.None) =>
        new(request.CorrelationId, state.Options.Local.Id, request.Source, error, state.Epoch, state.LeaderId) { Snapshot = request.Snapshot, Position = request.Position };

    public static AddVoterResponse AddVoter(RaftState state, AddVoterRequest request, RaftError error, string? reason = null) =>
        new(request.CorrelationId, state.Options.Local.Id, request.Source, error, state.Epoch, state.LeaderId, reason);

    public static RemoveVoterResponse RemoveVoter(RaftState state, RemoveVoterRequest request, RaftError error, string? reason = null) =>
        new(request.CorrelationId, state.Options.Local.Id, request.Source, error, state.Epoch, state.LeaderId, reason);

    public static UpdateVoterResponse UpdateVoter(RaftState state, UpdateVoterRequest request, RaftError error) =>
        new(request.CorrelationId, state.Options.Local.Id, request.Source, error, state.Epoch, state.LeaderId);
}
