using KafkaCompatBroker.Raft.Roles;

namespace KafkaCompatBroker.Raft;

/// <summary>What a node does with each request of another node. Every request gets exactly one answer, a parked fetch a later one.</summary>
internal sealed class RequestHandling(RaftState state)
{
    public void Handle(VoteRequest request, long nowMs)
    {
        var error = Check(request);
        if (error != RaftError.None)
        {
            state.Send(Responses.Vote(state, request, error));
            return;
        }
        if (request.Epoch > state.Epoch) state.BecomeUnattached(request.Epoch, nowMs);
        var granted = request.Epoch == state.Epoch && state.Role.Grants(request, request.LastLog.IsAtLeastAsNewAs(state.Log.End));
        if (granted && !request.PreVote)
        {
            state.GrantVote(request.Candidate);
            if (state.Role is Unattached unattached) unattached.RestartElectionTimeout(nowMs);
            else state.BecomeUnattached(state.Epoch, nowMs);
        }
        state.Send(Responses.Vote(state, request, RaftError.None, granted));
    }

    public void Handle(BeginQuorumEpochRequest request, long nowMs)
    {
        RaftError error;
        if (request.Epoch < state.Epoch) error = RaftError.FencedLeaderEpoch;
        else if (request.Source < 0 || request.Source == state.Options.Local.Id) error = RaftError.InvalidRequest;
        else if (IsMeantForAnother(request.Voter)) error = RaftError.InvalidVoterKey;
        else if (request.Epoch == state.Epoch && state.LeaderId != QuorumStateRecord.NoLeader && state.LeaderId != request.Source) error = RaftError.InconsistentVoterSet;
        else
        {
            error = RaftError.None;
            var followsAlready = request.Epoch == state.Epoch && state.Role.LeaderToFollow == request.Source;
            if (!followsAlready) state.BecomeFollower(request.Epoch, request.Source, nowMs);
        }
        state.Send(Responses.BeginQuorumEpoch(state, request, error));
    }

    public void Handle(EndQuorumEpochRequest request, long nowMs)
    {
        var error = RaftError.None;
        if (request.Epoch < state.Epoch) error = RaftError.FencedLeaderEpoch;
        else if (request.Source < 0 || request.Source == state.Options.Local.Id) error = RaftError.InvalidRequest;
        else if (request.Epoch == state.Epoch && state.LeaderId != QuorumStateRecord.NoLeader && state.LeaderId != request.Source) error = RaftError.InconsistentVoterSet;
        else
        {
            if (request.Epoch > state.Epoch) state.BecomeUnattached(request.Epoch, nowMs);
            state.Role.OnLeaderResigned(SuccessionDelayMs(request.PreferredSuccessors), nowMs);
        }
        state.Send(Responses.EndQuorumEpoch(state, request, error));
    }

    public void Handle(FetchRequest request, long nowMs)
    {
        if (CheckLeader(request.Epoch) is var error and not RaftError.None) state.Send(Responses.Fetch(state, request, error));
        else if (request.Position.Offset < 0 || request.Position.Epoch < 0 || request.Position.Epoch > request.Epoch) state.Send(Responses.Fetch(state, request, RaftError.InvalidRequest));
        else ((Leader)state.Role).OnFetch(request, nowMs);
    }

    public void Handle(FetchSnapshotRequest request, long nowMs)
    {
        if (CheckLeader(request.Epoch) is var error and not RaftError.None) state.Send(Responses.FetchSnapshot(state, request, error));
        else ((Leader)state.Role).OnFetchSnapshot(request, nowMs);
    }

    public void Handle(AddVoterRequest request, long nowMs)
    {
        if (state.Role is not Leader leader) state.Send(Responses.AddVoter(state, request, RaftError.NotLeaderOrFollower));
        else if (request.Replica.Id < 0 || request.Replica.DirectoryId == DirectoryId.Zero)
            state.Send(Responses.AddVoter(state, request, RaftError.InvalidRequest, "The new voter needs an id and a directory id."));
        else if (!HasDefaultListener(request.Endpoints))
            state.Send(Responses.AddVoter(state, request, RaftError.InvalidRequest, $"The new voter needs an endpoint for the listener {state.Options.Endpoints[0].Listener}."));
        else leader.Changes.Handle(request, nowMs);
    }

    public void Handle(RemoveVoterRequest request, long nowMs)
    {
        if (state.Role is not Leader leader) state.Send(Responses.RemoveVoter(state, request, RaftError.NotLeaderOrFollower));
        else if (request.Replica.Id < 0 || request.Replica.DirectoryId == DirectoryId.Zero)
            state.Send(Responses.RemoveVoter(state, request, RaftError.InvalidRequest, "The voter to remove needs an id and a directory id."));
        else leader.Changes.Handle(request, nowMs);
    }

    public void Handle(UpdateVoterRequest request, long nowMs)
    {
        var voter = request.Voter;
        if (CheckLeader(request.Epoch) is var error and not RaftError.None) state.Send(Responses.UpdateVoter(state, request, error));
        else if (voter.Key.Id < 0 || voter.Key.DirectoryId == DirectoryId.Zero || voter.KRaftVersionMin < 0 || voter.KRaftVersionMax < voter.KRaftVersionMin || !HasDefaultListener(voter.Endpoints))
            state.Send(Responses.UpdateVoter(state, request, RaftError.InvalidRequest));
        else ((Leader)state.Role).Changes.Handle(request, nowMs);
    }

    private bool HasDefaultListener(IReadOnlyList<VoterEndpoint> endpoints) =>
        state.Options.Endpoints.Count == 0 || endpoints.Any(endpoint => endpoint.Listener == state.Options.Endpoints[0].Listener);

    /// <summary>Only the leader of exactly the sender's epoch can answer.</summary>
    private RaftError CheckLeader(int epoch)
    {
        if (epoch < state.Epoch) return RaftError.FencedLeaderEpoch;
        if (epoch > state.Epoch) return RaftError.UnknownLeaderEpoch;
        return state.Role is Leader ? RaftError.None : RaftError.NotLeaderOrFollower;
    }

    private RaftError Check(VoteRequest request)
    {
        if (request.Epoch < state.Epoch) return RaftError.FencedLeaderEpoch;
        if (request.Candidate.Id < 0 || request.Candidate.Id == state.Options.Local.Id) return RaftError.InvalidRequest;
        // A candidate stands in an epoch above everything in its log; a pre-vote is for the epoch that it has.
        var lastEpoch = request.LastLog.Epoch;
        if (request.LastLog.Offset < 0 || lastEpoch < 0 || (request.PreVote ? lastEpoch > request.Epoch : lastEpoch >= request.Epoch)) return RaftError.InvalidRequest;
        return IsMeantForAnother(request.Voter) ? RaftError.InvalidVoterKey : RaftError.None;
    }

    /// <summary>A disk that was replaced must not answer for the one before (KIP-853).</summary>
    private bool IsMeantForAnother(ReplicaKey? voter) => voter is { } key && !key.Covers(state.Options.Local);

    /// <summary>The first in line stands at once, each further one waits twice as long at most.</summary>
    private int SuccessionDelayMs(IReadOnlyList<ReplicaKey> successors)
    {
        for (var i = 0; i < successors.Count; i++)
        {
            if (successors[i].Id != state.Options.Local.Id) continue;
            if (i == 0) return 0;
            var mostMs = (int)Math.Min(state.Options.ElectionBackoffMaxMs, (long)state.Options.RetryBackoffMs << Math.Min(i, 20));
            return state.Options.RetryBackoffMs + state.RandomBackoffMs(mostMs);
        }
        return state.RandomElectionTimeoutMs();
    }
}
