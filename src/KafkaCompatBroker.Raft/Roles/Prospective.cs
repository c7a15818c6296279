namespace KafkaCompatBroker.Raft.Roles;

/// <summary>
/// Asks the voters whether they would vote for this node before it raises the epoch (KIP-996): a node that was cut off and comes back does
/// not disturb a leader that a majority follows.
/// </summary>
internal sealed class Prospective(RaftState state, long nowMs) : Role(state)
{
    private readonly Ballot _ballot = new(state.Log.Voters, state.Options.Local.Id);
    private long _deadlineMs = nowMs + state.RandomElectionTimeoutMs();
    private bool _isRefused;

    public override RoleKind Kind => RoleKind.Prospective;

    public override long DeadlineMs => _ballot.Unanswered.Select(State.Requests.ReadyAtMs).Append(_deadlineMs).Min();

    public void Start(long nowMs)
    {
        if (_ballot.IsWon) State.BecomeCandidate(nowMs);
        else Tick(nowMs);
    }

    public override void Tick(long nowMs)
    {
        if (nowMs >= _deadlineMs)
        {
            Lost(nowMs);
            return;
        }
        foreach (var voter in _ballot.Unanswered)
            if (State.Requests.CanSend(voter, nowMs)) State.Send(ElectionRules.Ask(State, voter, preVote: true, nowMs));
    }

    public override bool Grants(VoteRequest request, bool isLogUpToDate) => ElectionRules.CanGrant(State, request, isLogUpToDate);

    public override void OnVoteResponse(VoteResponse response, long nowMs)
    {
        if (response.Error != RaftError.None)
        {
            State.Requests.BackOff(response.Source, nowMs);
            return;
        }
        _ballot.Count(response.Source, response.Granted);
        if (_ballot.IsWon) State.BecomeCandidate(nowMs);
        else if (_ballot.IsLost) Lost(nowMs);
        else if (!response.Granted && !_isRefused)
        {
            // Whoever refused may not have missed the leader yet, and will soon; the others may be gone for good, the leader among them.
            _isRefused = true;
            _deadlineMs = Math.Min(_deadlineMs, nowMs + State.RandomContestBackoffMs());
        }
    }

    private void Lost(long nowMs)
    {
        // Refused by those who hear the leader: so there is one, and this node had better hear it too.
        if (State.LeaderId != QuorumStateRecord.NoLeader && State.LeaderId != State.Options.Local.Id) State.BecomeFollower(State.Epoch, State.LeaderId, nowMs);
        else State.BecomeUnattached(State.Epoch, nowMs);
    }
}
