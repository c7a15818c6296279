namespace KafkaCompatBroker.Raft.Roles;

/// <summary>Pulls the log from the leader, a voter or not. One fetch is under way at a time; each acknowledges what is durable here.</summary>
internal sealed class Follower(RaftState state, int leaderId, long nowMs) : Role(state)
{
    private long _fetchDeadlineMs = nowMs + state.Options.FetchTimeoutMs;
    private long _voterChangeMs = nowMs + state.Options.FetchTimeoutMs;
    private bool _hasFetched;
    private bool _hasToldLeader;
    private Download? _download;

    public override RoleKind Kind => RoleKind.Follower;

    // While the driver checks a whole snapshot there is nothing to ask for.
    public override long DeadlineMs => _download is { IsWhole: true } ? _fetchDeadlineMs : Math.Min(_fetchDeadlineMs, State.Requests.ReadyAtMs(leaderId));

    public override int LeaderToFollow => leaderId;

    public override void Tick(long nowMs)
    {
        if (nowMs >= _fetchDeadlineMs)
        {
            if (State.MayStand) State.BecomeProspective(nowMs);
            else State.BecomeUnattached(State.Epoch, nowMs);
        }
        else if (_download is not { IsWhole: true } && State.Requests.CanSend(leaderId, nowMs)) State.Send(NextRequest(nowMs));
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
        else if (response.Snapshot is { } snapshot)
        {
            // The log that this node needs is gone from the leader. A snapshot of less than this node has is a mistake of the peer.
            if (State.Log.IsReplacedBy(snapshot)) _download = new Download(snapshot, 0, IsWhole: false);
            else State.Requests.BackOff(leaderId, nowMs);
        }
        else Append(response);
        HeardFromLeader(nowMs);
    }

    public override void OnFetchSnapshotResponse(FetchSnapshotResponse response, long nowMs)
    {
        if (_download is not { IsWhole: false } download || response.Source != leaderId) return;
        if (response.Error == RaftError.None && response.Snapshot == download.Snapshot && response.Position == download.Position && !response.Bytes.IsEmpty
            && response.Bytes.Length <= response.Size - response.Position)
        {
            var nextPosition = response.Position + response.Bytes.Length;
            var isWhole = nextPosition == response.Size;
            State.Keep(new SnapshotChunk(download.Snapshot, download.Position, response.Bytes, isWhole));
            _download = download with { Position = nextPosition, IsWhole = isWhole };
        }
        else
        {
            // Gone meanwhile, or a peer that is wrong: a fetch tells what there is now.
            _download = null;
            if (response.Error != RaftError.SnapshotNotFound)
            {
                State.Requests.BackOff(leaderId, nowMs);
                return;
            }
        }
        HeardFromLeader(nowMs);
    }

    public override void OnVoterChangeResponse(RaftResponse response, long nowMs)
    {
        if (response is UpdateVoterResponse { Error: RaftError.None }) _hasToldLeader = true;
        Tick(nowMs);
    }

    public override void OnSnapshotDone(bool isInstalled, long nowMs)
    {
        _download = null;
        if (!isInstalled) State.Requests.BackOff(leaderId, nowMs);
        Tick(nowMs);
    }

    public static FetchRequest Fetch(RaftState state, int destination, long nowMs) =>
        new(state.Requests.Sent(destination, nowMs), state.Options.Local.Id, destination, state.Options.Local, state.Epoch, state.Log.End, state.Log.HighWatermark, state.Options.FetchWaitMs);

    private RaftMessage NextRequest(long nowMs)
    {
        if (nowMs >= _voterChangeMs)
        {
            _voterChangeMs = nowMs + State.Options.FetchTimeoutMs;
            if (WantedVoterChange(nowMs) is { } change) return change;
        }
        return _download is { } download
            ? new FetchSnapshotRequest(State.Requests.Sent(leaderId, nowMs), State.Options.Local.Id, leaderId, State.Options.Local, State.Epoch, download.Snapshot, download.Position)
            : Fetch(State, leaderId, nowMs);
    }

    /// <summary>What this node wants the voters record to say of it, if that is not what it says (KIP-853, KIP-1186).</summary>
    private RaftMessage? WantedVoterChange(long nowMs)
    {
        var (options, voters) = (State.Options, State.Log.Voters);
        if (options.Endpoints.Count == 0) return null;
        var isRecorded = State.Log.VoterHistory.LatestOffset is not null;
        if (State.IsVoter)
        {
            var isKnown = isRecorded ? voters.TryGet(options.Local.Id, out var recorded) && recorded.SaysTheSameAs(options.AsVoter) : _hasToldLeader;
            return isKnown ? null : new UpdateVoterRequest(State.Requests.Sent(leaderId, nowMs), options.Local.Id, leaderId, State.Epoch, options.AsVoter);
        }
        if (!isRecorded || !options.JoinsByItself) return null;
        var correlationId = State.Requests.Sent(leaderId, nowMs);
        // The id votes with another directory: the disk was replaced, and what the old one promised is gone with it.
        return voters.TryGet(options.Local.Id, out var replaced)
            ? new RemoveVoterRequest(correlationId, options.Local.Id, leaderId, replaced.Key)
            : new AddVoterRequest(correlationId, options.Local.Id, leaderId, options.Local, options.Endpoints, AnswerWhenCommitted: false);
    }

    private void HeardFromLeader(long nowMs)
    {
        _hasFetched = true;
        _fetchDeadlineMs = nowMs + State.Options.FetchTimeoutMs;
        Tick(nowMs);
    }

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

    /// <summary>A snapshot that takes the place of the log; no fetches meanwhile.</summary>
    private sealed record Download(LogPosition Snapshot, long Position, bool IsWhole);
}
