namespace KafkaCompatBroker.Raft.Roles;

/// <summary>
/// The leader's side of changes of the voter set (KIP-853): one at a time, and only when a record of the leader's own epoch is committed.
/// Whether a change is under way is read from the log, not from what this object remembers: a change that was answered with a time-out
/// may still be uncommitted.
/// </summary>
internal sealed class VoterChanges(RaftState state, Leader leader)
{
    private const short VersionWithRecordedVoters = 1;

    // A replica that has not fetched for so long is not caught up, whatever it had then.
    private const long CaughtUpSessionMs = 3_600_000;

    private Pending? _pending;
    // What configured voters told of themselves; kraft.version 1 will record it.
    private VoterSet _told = state.Log.Voters.WithChanged(state.Options.AsVoter) ?? state.Log.Voters;

    public long DeadlineMs => _pending?.DeadlineMs ?? long.MaxValue;

    public void Tick(long nowMs)
    {
        if (_pending is { } pending && nowMs >= pending.DeadlineMs) End(pending, RaftError.RequestTimedOut, "The change was not committed in time.");
    }

    public void Handle(AddVoterRequest request, long nowMs)
    {
        var voters = state.Log.Voters;
        if (Refusal(nowMs) is var (error, reason)) Answer(request, error, reason);
        else if (voters.TryGet(request.Replica.Id, out _)) Answer(request, RaftError.DuplicateVoter, $"The id of {request.Replica} is in the voter set {voters}.");
        else if (!state.Requests.CanSend(request.Replica.Id, nowMs)) Answer(request, RaftError.RequestTimedOut, $"The new voter {request.Replica} cannot be asked now.");
        else
        {
            var correlationId = state.Requests.Sent(request.Replica.Id, nowMs);
            state.Send(new KRaftVersionRequest(correlationId, state.Options.Local.Id, request.Replica.Id, request.Endpoints));
            _pending = new Pending(request, nowMs + state.Options.RequestTimeoutMs);
        }
    }

    public void OnKRaftVersionResponse(KRaftVersionResponse response, long nowMs)
    {
        if (_pending is not { Request: AddVoterRequest request, Offset: null } pending || response.Source != request.Replica.Id) return;
        var voter = new Voter(request.Replica, request.Endpoints, response.Min, response.Max);
        if (response.Error != RaftError.None)
            End(pending, RaftError.RequestTimedOut, $"The new voter {request.Replica} did not say what it supports.");
        else if (!voter.Supports(VersionWithRecordedVoters))
            End(pending, RaftError.InvalidRequest, $"The new voter {request.Replica} supports kraft.version {response.Min} to {response.Max}, the cluster runs {VersionWithRecordedVoters}.");
        else if (!IsCaughtUp(request.Replica, nowMs))
            End(pending, RaftError.RequestTimedOut, $"The new voter {request.Replica} lags behind.");
        else
        {
            _pending = pending with { Offset = leader.AppendVoters(state.Log.Voters.With(voter), kraftVersion: null, nowMs) };
            if (request.AnswerWhenCommitted) return;
            Answer(request, RaftError.None, null);
            _pending = _pending with { IsAnswered = true };
        }
    }

    public void Handle(RemoveVoterRequest request, long nowMs)
    {
        if (Refusal(nowMs) is var (error, reason)) Answer(request, error, reason);
        else if (state.Log.Voters.Without(request.Replica) is not { } voters) Answer(request, RaftError.VoterNotFound, $"{request.Replica} cannot be removed from the voter set {state.Log.Voters}.");
        else _pending = new Pending(request, nowMs + state.Options.RequestTimeoutMs) { Offset = leader.AppendVoters(voters, kraftVersion: null, nowMs) };
    }

    /// <summary>Answers at once; whether it is committed shows in the voter's own next look at the set.</summary>
    public void Handle(UpdateVoterRequest request, long nowMs)
    {
        var isRecorded = state.Log.VoterHistory.LatestOffset is not null;
        var error = RaftError.None;
        if (IsBusy(nowMs) || leader.HighWatermark < 0 || (isRecorded && IsUncommitted)) error = RaftError.RequestTimedOut;
        else if (!request.Voter.Supports(isRecorded ? VersionWithRecordedVoters : (short)0)) error = RaftError.InvalidRequest;
        else if (!isRecorded && _told.WithChanged(request.Voter) is { } told) _told = told;
        else if (isRecorded && state.Log.Voters.Contains(request.Voter.Key)) leader.AppendVoters(state.Log.Voters.WithChanged(request.Voter)!, kraftVersion: null, nowMs);
        else error = RaftError.VoterNotFound;
        state.Send(Responses.UpdateVoter(state, request, error));
    }

    /// <summary>Raises kraft.version from 0 to 1: the configured voters are recorded in the log with what they told of themselves.</summary>
    public KRaftVersionOutcome Upgrade(short kraftVersion, bool onlyCheck, long nowMs)
    {
        var current = state.Log.VoterHistory.LatestOffset is null ? (short)0 : VersionWithRecordedVoters;
        if (kraftVersion == current) return new KRaftVersionOutcome(RaftError.None);
        if (kraftVersion != VersionWithRecordedVoters) return Refuse("Can't downgrade the version of this feature.");
        if (leader.HighWatermark < 0) return Refuse("The leader has not committed anything yet.");
        foreach (var voter in _told.Voters)
        {
            if (voter.Key.DirectoryId == DirectoryId.Zero) return Refuse($"Voter {voter.Key.Id} has not told its directory id.");
            if (!voter.Supports(kraftVersion)) return Refuse($"Voter {voter.Key.Id} does not support kraft.version {kraftVersion}.");
        }
        return new KRaftVersionOutcome(RaftError.None) { Offset = onlyCheck ? null : leader.AppendVoters(_told, kraftVersion, nowMs) };

        static KRaftVersionOutcome Refuse(string reason) => new(RaftError.InvalidUpdateVersion, reason);
    }

    public void OnHighWatermark(long highWatermark)
    {
        if (_pending is { Offset: { } offset } pending && offset < highWatermark) End(pending, RaftError.None, null);
    }

    /// <summary>The leader is one no more.</summary>
    public void Leave()
    {
        if (_pending is { } pending) End(pending, RaftError.NotLeaderOrFollower, null);
    }

    private bool IsUncommitted => state.Log.VoterHistory.LatestOffset >= leader.HighWatermark;

    private bool IsBusy(long nowMs)
    {
        Tick(nowMs);
        return _pending is not null;
    }

    private (RaftError Error, string Reason)? Refusal(long nowMs)
    {
        if (IsBusy(nowMs)) return (RaftError.RequestTimedOut, "Another change of the voters is under way.");
        if (leader.HighWatermark < 0) return (RaftError.RequestTimedOut, "The leader has not committed anything yet, so an earlier change may be under way.");
        if (state.Log.VoterHistory.LatestOffset is not { } offset) return (RaftError.UnsupportedVersion, "kraft.version is 0: the voters are configuration.");
        return IsUncommitted ? (RaftError.RequestTimedOut, $"The change of the voters at offset {offset} is not committed yet.") : null;
    }

    private bool IsCaughtUp(ReplicaKey replica, long nowMs) =>
        leader.Replicas.Observer(replica) is { LastCaughtUpMs: >= 0 } observer && observer.LastFetchMs > nowMs - CaughtUpSessionMs;

    private void End(Pending pending, RaftError error, string? reason)
    {
        _pending = null;
        if (!pending.IsAnswered) Answer(pending.Request, error, reason);
    }

    private void Answer(RaftMessage request, RaftError error, string? reason) => state.Send(request switch
    {
        AddVoterRequest add => Responses.AddVoter(state, add, error, reason),
        RemoveVoterRequest remove => Responses.RemoveVoter(state, remove, error, reason),
        _ => throw new InvalidOperationException($"{request.GetType().Name} changes no voters."),
    });

    private sealed record Pending(RaftMessage Request, long DeadlineMs)
    {
        public long? Offset { get; init; }

        public bool IsAnswered { get; init; }
    }
}
