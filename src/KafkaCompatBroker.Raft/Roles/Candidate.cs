namespace KafkaCompatBroker.Raft.Roles;

/// <summary>Has raised the epoch, voted for itself and asks the others. Both facts are on its disk before a request leaves.</summary>
internal sealed class Candidate(RaftState state, long nowMs) : Role(state)
{
    private readonly Ballot _ballot = new(state.Log.Voters, state.Options.Local.Id);
    private long _deadlineMs = nowMs + state.RandomElectionTimeoutMs();
    private bool _isContested;
    private bool _isLost;

    public override RoleKind Kind => RoleKind.Candidate;

    public override long DeadlineMs => _isLost ? _deadlineMs : _ballot.Unanswered.Select(State.Requests.ReadyAtMs).Append(_deadlineMs).Min();

    public void Start(long nowMs)
    {
        if (_ballot.IsWon) State.BecomeLeader(_ballot.Granting, nowMs);
        else Tick(nowMs);
    }

    public override void Tick(long nowMs)
    {
        if (nowMs >= _deadlineMs)
        {
            State.BecomeProspective(nowMs);
            return;
        }
        if (_isLost) return;
        foreach (var voter in _ballot.Unanswered)
            if (State.Requests.CanSend(voter, nowMs)) State.Send(ElectionRules.Ask(State, voter, preVote: false, nowMs));
    }

    /// <summary>Its own vote is given; a pre-vote costs nothing.</summary>
    public override bool Grants(VoteRequest request, bool isLogUpToDate) => request.PreVote && isLogUpToDate;

    public override void OnVoteResponse(VoteResponse response, long nowMs)
    {
        if (response.Error != RaftError.None)
        {
            State.Requests.BackOff(response.Source, nowMs);
            return;
        }
        _ballot.Count(response.Source, response.Granted);
        if (_ballot.IsWon)
        {
            State.BecomeLeader(_ballot.Granting, nowMs);
            return;
        }
        _isLost = _ballot.IsLost;
        if (response.Granted || _isContested) return;
        // Somebody else has that vote, and the voters that say nothing may be gone for good, the old leader among them: a whole time-out
        // would be lost on them. The pause is of random length, or two that split the votes would do so again.
        _isContested = true;
        _deadlineMs = Math.Min(_deadlineMs, nowMs + State.RandomContestBackoffMs());
    }
}
