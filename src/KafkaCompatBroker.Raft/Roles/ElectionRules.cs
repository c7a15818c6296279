namespace KafkaCompatBroker.Raft.Roles;

/// <summary>The rules of voting that several roles share.</summary>
internal static class ElectionRules
{
    /// <summary>For a node that follows nobody: one vote an epoch, none once the epoch's leader is known, and only to a log that is complete.</summary>
    public static bool CanGrant(RaftState state, VoteRequest request, bool isLogUpToDate)
    {
        if (request.PreVote) return isLogUpToDate;
        if (state.Voted is { } voted) return voted.Covers(request.Candidate);
        return state.LeaderId == QuorumStateRecord.NoLeader && isLogUpToDate;
    }

    public static VoteRequest Ask(RaftState state, int voterId, bool preVote, long nowMs)
    {
        ReplicaKey? key = state.Log.Voters.TryGet(voterId, out var voter) && voter.Key.DirectoryId != DirectoryId.Zero ? voter.Key : null;
        return new VoteRequest(state.Requests.Sent(voterId, nowMs), state.Options.Local.Id, voterId, state.Epoch, state.Options.Local, key, state.Log.End, preVote);
    }
}
