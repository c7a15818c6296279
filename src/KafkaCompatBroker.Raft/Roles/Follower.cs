namespace KafkaCompatBroker.Raft.Roles;

/// <summary>Pulls the log from the leader, a voter or not. One fetch is under way at a time; each acknowledges what is durable here.</summary>
internal sealed class Follower(RaftState state, int leaderId, long nowMs) : Role(state)
{
    private long _fetchDeadlineMs = nowMs + state.Options.FetchTimeoutMs;
    private bool _hasFetched;

    public override RoleKind Kind => RoleKind.Follower;

    public override long DeadlineMs => Math.Min(_fetchDeadlineMs, State.Requests.ReadyAtMs(leaderId));

    public override int LeaderToFollow => leaderId;

    public override void Tick(long nowMs)
    {
        if (nowMs >= _fetchDeadlineMs)
        {
            if (State.IsVoter) State.BecomeProspective(nowMs);
            else State.BecomeUnattached(State.Epoch, nowMs);
        }
        else if (State.Requests.CanSend(leaderId, nowMs)) State.Send(Fetch(State, leaderId, nowMs));
    }

    /// <summary>Never against the leader; a pre-vote is granted only by a node that has not heard from its leader yet.</summary>
    public override bool Grants(VoteRequest request, bool isLogUpToDate) => request.PreVote && !_hasFetched && isLogUpToDate;

    public override void OnLeaderResigned(int timeoutMs, long nowMs)
    {
        _hasFetched = false;
        _fetchDeadlineMs = Math.Min(_fetchDeadlineMs, nowMs + timeoutMs);
    }

    public override void OnFetchResponse(FetchResponse response, long nowMs)
    {
        if (response.Error != RaftError.None || response.Source != leaderId)
        {
            State.Requests.BackOff(response.Source, nowMs);
            return;
        }
        if (response.Diverging is { } diverging)
        {
            if (!Truncate(diverging)) State.Requests.BackOff(leaderId, nowMs);
        }
        else if (response.Snapshot is not null)
        {
            // The log that this node needs is gone from the leader and it cannot take a snapshot over the network.
            State.Requests.BackOff(leaderId, nowMs);
            return;
        }
        else Append(response);
        _hasFetched = true;
        _fetchDeadlineMs = nowMs + State.Options.FetchTimeoutMs;
        Tick(nowMs);
    }

    public static FetchRequest Fetch(RaftState state, int destination, long nowMs) =>
        new(state.Requests.Sent(destination, nowMs), state.Options.Local.Id, destination, state.Options.Local, state.Epoch, state.Log.End, state.Log.HighWatermark, state.Options.FetchWaitMs);

    private void Append(FetchResponse response)
    {
        foreach (var entry in response.Entries)
        {
            // A peer that sends a gap or an epoch from the future is wrong, not this node: what came before it is kept.
            if (entry.BaseOffset != State.Log.EndOffset || entry.RecordCount <= 0 || entry.Epoch < State.Log.LastEpoch || entry.Epoch > State.Epoch) break;
            State.Log.Append(entry);
        }
        var highWatermark = Math.Min(response.HighWatermark, State.Log.EndOffset);
        if (highWatermark > State.Log.HighWatermark) State.Log.RaiseHighWatermark(highWatermark);
    }

    /// <summary>Cuts to the end of the newest epoch that both logs have (KIP-595). What is committed stays, whatever the peer says.</summary>
    private bool Truncate(LogPosition diverging)
    {
        var common = State.Log.EndOfEpoch(diverging.Epoch);
        var endOffset = common.Epoch == diverging.Epoch ? Math.Min(common.Offset, diverging.Offset) : common.Offset;
        if (endOffset < State.Log.HighWatermark) return false;
        State.Log.TruncateTo(endOffset);
        return true;
    }
}
