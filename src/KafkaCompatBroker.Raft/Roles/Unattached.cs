namespace KafkaCompatBroker.Raft.Roles;

/// <summary>Waits for a leader to show itself, asks voters for one, and sounds out an election when none did in time.</summary>
internal sealed class Unattached(RaftState state, long electionDeadlineMs) : Role(state)
{
    private readonly int[] _candidatesToAsk = [.. state.NodesToAsk];
    private long _electionDeadlineMs = electionDeadlineMs;
    private long _askAgainMs = long.MinValue;
    private int _nextToAsk;

    public override RoleKind Kind => RoleKind.Unattached;

    public override long DeadlineMs
    {
        get
        {
            var askMs = _candidatesToAsk.Length == 0 ? long.MaxValue : _askAgainMs;
            return State.MayStand ? Math.Min(_electionDeadlineMs, askMs) : askMs;
        }
    }

    public override void Tick(long nowMs)
    {
        if (State.MayStand && nowMs >= _electionDeadlineMs) State.BecomeProspective(nowMs);
        else if (_candidatesToAsk.Length > 0 && nowMs >= _askAgainMs) AskForLeader(nowMs);
    }

    public override bool Grants(VoteRequest request, bool isLogUpToDate) => ElectionRules.CanGrant(State, request, isLogUpToDate);

    public override void OnLeaderResigned(int timeoutMs, long nowMs) => _electionDeadlineMs = Math.Min(_electionDeadlineMs, nowMs + timeoutMs);

    /// <summary>A vote was given: whoever got it has a full time-out to win.</summary>
    public void RestartElectionTimeout(long nowMs) => _electionDeadlineMs = nowMs + State.RandomElectionTimeoutMs();

    private void AskForLeader(long nowMs)
    {
        var node = _candidatesToAsk[_nextToAsk++ % _candidatesToAsk.Length];
        if (State.Requests.CanSend(node, nowMs)) State.Send(Follower.Fetch(State, node, nowMs));
        _askAgainMs = nowMs + State.Options.FetchWaitMs;
    }
}
