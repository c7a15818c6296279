namespace KafkaCompatBroker.Raft.Roles;

/// <summary>
/// Led this epoch and no longer does: it tells the voters until all know or time is up, and never leads the same epoch again. A leader that
/// was restarted wakes up in this role, because it cannot know what its epoch did meanwhile.
/// </summary>
internal sealed class Resigned(RaftState state, IReadOnlyList<ReplicaKey> preferredSuccessors, long nowMs) : Role(state)
{
    private readonly SortedSet<int> _unaware = [.. state.OtherVoters];
    private readonly long _deadlineMs = nowMs + state.RandomElectionTimeoutMs();

    public override RoleKind Kind => RoleKind.Resigned;

    public override long DeadlineMs => _unaware.Select(State.Requests.ReadyAtMs).Append(_deadlineMs).Min();

    public override void Tick(long nowMs)
    {
        if (nowMs >= _deadlineMs)
        {
            // The next epoch, so that nobody takes this node's silence for leadership.
            State.BecomeUnattached(State.Epoch + 1, nowMs);
            return;
        }
        foreach (var voter in _unaware)
        {
            if (!State.Requests.CanSend(voter, nowMs)) continue;
            State.Send(new EndQuorumEpochRequest(State.Requests.Sent(voter, nowMs), State.Options.Local.Id, voter, State.Epoch, preferredSuccessors));
        }
    }

    public override bool Grants(VoteRequest request, bool isLogUpToDate) => request.PreVote && isLogUpToDate;

    public override void OnEndQuorumEpochResponse(EndQuorumEpochResponse response, long nowMs)
    {
        if (response.Error == RaftError.None) _unaware.Remove(response.Source);
        else State.Requests.BackOff(response.Source, nowMs);
    }
}
