namespace KafkaCompatBroker.Raft.Roles;

/// <summary>
/// Leads one epoch: appends, answers fetches, moves the high watermark over what a majority of voters has on its disks (itself only after
/// its own sync), and steps down when a majority has not fetched for a while.
/// </summary>
internal sealed class Leader : Role
{
    private readonly ParkedFetches _parked;
    private readonly HashSet<int> _fetchedSinceCheck = [];
    private readonly long _epochStartOffset;
    private long _checkQuorumMs;
    private long _announceMs;
    private long _highWatermark = -1;

    public Leader(RaftState state, long nowMs) : base(state)
    {
        _epochStartOffset = state.Log.EndOffset;
        _parked = new ParkedFetches(state);
        Replicas = new ReplicaTable(state.Options.Local, state.Log.Voters);
        Changes = new VoterChanges(state, this);
        _checkQuorumMs = nowMs + CheckQuorumTimeoutMs;
        _announceMs = nowMs;
    }

    public override RoleKind Kind => RoleKind.Leader;

    public override int LeaderToFollow => State.Options.Local.Id;

    public ReplicaTable Replicas { get; }

    public VoterChanges Changes { get; }

    /// <summary>-1 until a record of this epoch is committed: before that the leader cannot tell how far its predecessors got.</summary>
    public long HighWatermark => _highWatermark;

    /// <summary>Half as long again as a follower waits, so that the followers give up first.</summary>
    private int CheckQuorumTimeoutMs => State.Options.FetchTimeoutMs * 3 / 2;

    private bool IsAlone => State.Log.Voters.IsOnly(State.Options.Local);

    public override long DeadlineMs
    {
        get
        {
            var deadline = Math.Min(_parked.DeadlineMs, Changes.DeadlineMs);
            if (!IsAlone) deadline = Math.Min(deadline, _checkQuorumMs);
            if (Unaware().Any()) deadline = Math.Min(deadline, _announceMs);
            return deadline;
        }
    }

    public void Start(IReadOnlyList<int> grantingVoters, long nowMs)
    {
        var voters = State.Log.Voters;
        var history = State.Log.VoterHistory;
        var bootstrap = history.LatestOffset is < 0 ? voters : null;
        var control = new LeaderChange(State.Options.Local.Id, [.. voters.Ids], grantingVoters, bootstrap);
        State.Log.Append(new RaftEntry(State.Log.EndOffset, bootstrap is null ? 1 : 3, State.Epoch, default, control));
        Tick(nowMs);
    }

    public long Propose(int recordCount, ReadOnlyMemory<byte> bytes)
    {
        var baseOffset = State.Log.EndOffset;
        State.Log.Append(new RaftEntry(baseOffset, recordCount, State.Epoch, bytes));
        _parked.AnswerAll(_highWatermark);
        return baseOffset;
    }

    /// <summary>Appends a voter set, in force from now on, and returns the offset of its record.</summary>
    public long AppendVoters(VoterSet voters, short? kraftVersion, long nowMs)
    {
        var baseOffset = State.Log.EndOffset;
        var recordCount = kraftVersion is null ? 1 : 2;
        var offset = baseOffset + recordCount - 1;
        State.Log.Append(new RaftEntry(baseOffset, recordCount, State.Epoch, default, new VotersChange(offset, voters, kraftVersion)));
        Replicas.Follow(voters);
        // Whoever is new has had no time to fetch as a voter, and a leader alone has not looked at the clock at all.
        _fetchedSinceCheck.Clear();
        _checkQuorumMs = nowMs + CheckQuorumTimeoutMs;
        _announceMs = Math.Min(_announceMs, nowMs);
        _parked.AnswerAll(_highWatermark);
        return offset;
    }

    public override void Tick(long nowMs)
    {
        if (!IsAlone && nowMs >= _checkQuorumMs)
        {
            Resign(nowMs);
            return;
        }
        _parked.AnswerExpired(_highWatermark, nowMs);
        Changes.Tick(nowMs);
        if (nowMs < _announceMs) return;
        foreach (var (id, key) in Unaware())
            State.Send(new BeginQuorumEpochRequest(State.Requests.Sent(id, nowMs), State.Options.Local.Id, id, State.Epoch, key));
        _announceMs = nowMs + State.Options.FetchTimeoutMs / 2;
    }

    public override bool Grants(VoteRequest request, bool isLogUpToDate) => false;

    /// <summary>Hands over: the others are told, the most complete one first in line.</summary>
    public void Resign(long nowMs)
    {
        State.BecomeResigned([.. Replicas.Others.Select(voter => voter.Key)], nowMs);
    }

    public override void Leave()
    {
        _parked.RefuseAll();
        Changes.Leave();
    }

    public override void OnKRaftVersionResponse(KRaftVersionResponse response, long nowMs) => Changes.OnKRaftVersionResponse(response, nowMs);

    public override void OnBeginQuorumEpochResponse(BeginQuorumEpochResponse response, long nowMs)
    {
        if (response.Error == RaftError.None && Replicas.Voter(response.Source) is { } voter) voter.KnowsLeader = true;
    }

    /// <summary>The local log is on the disk up to its durable end: only now does this node count for the majority.</summary>
    public void OnLogDurable(long nowMs)
    {
        Replicas.Of(State.Options.Local).DurableLocally(State.Log.DurableEndOffset, nowMs);
        RaiseHighWatermark(nowMs);
    }

    public void OnFetch(FetchRequest request, long nowMs)
    {
        if (request.Source == State.Options.Local.Id)
        {
            State.Send(Responses.Fetch(State, request, RaftError.InvalidRequest));
            return;
        }
        NoteQuorum(request.Replica, nowMs);
        switch (Locate(request.Position))
        {
            case { Diverging: { } diverging }:
                State.Send(Responses.Fetch(State, request) with { HighWatermark = _highWatermark, Diverging = diverging });
                break;
            case { Snapshot: { } snapshot }:
                State.Send(Responses.Fetch(State, request) with { HighWatermark = _highWatermark, Snapshot = snapshot });
                break;
            default:
                // A reader without an id is no replica.
                if (request.Replica.Id >= 0) Replicas.Of(request.Replica).Fetched(request.Position.Offset, State.Log.EndOffset, nowMs);
                _parked.AnswerOrPark(request, _highWatermark, nowMs);
                RaiseHighWatermark(nowMs);
                break;
        }
    }

    /// <summary>The bootstrap snapshot is not for others: what it holds is in the log (KIP-853).</summary>
    public void OnFetchSnapshot(FetchSnapshotRequest request, long nowMs)
    {
        var error = RaftError.None;
        if (request.Source == State.Options.Local.Id) error = RaftError.InvalidRequest;
        else if (request.Snapshot.Offset <= 0 || State.Log.LatestSnapshot is not { } latest || request.Snapshot.Offset > latest.Offset) error = RaftError.SnapshotNotFound;
        else if (request.Position < 0) error = RaftError.PositionOutOfRange;
        else NoteQuorum(request.Replica, nowMs);
        State.Send(Responses.FetchSnapshot(State, request, error) with { IsToBeRead = error == RaftError.None });
    }

    public QuorumDescription Describe(long nowMs) =>
        new(State.Options.Local.Id, State.Epoch, _highWatermark, State.Log.Voters, Replicas.CopyVoters(nowMs), Replicas.CopyObservers(nowMs));

    private (LogPosition? Diverging, LogPosition? Snapshot) Locate(LogPosition position)
    {
        var log = State.Log;
        if (log.StartOffset == 0 && position is { Offset: 0, Epoch: 0 }) return default;
        if (log.LatestSnapshot is { } latest && log.EarliestSnapshot is { } earliest && log.StartOffset > 0 &&
            (position.Offset < log.StartOffset || (position.Offset == log.StartOffset && position.Epoch != earliest.Epoch) || position.Epoch < earliest.Epoch))
            return (null, latest);
        if (log.StartOffset > 0 && position.Offset == log.StartOffset) return default;
        var end = log.EndOfEpoch(position.Epoch);
        return end.Epoch == position.Epoch && position.Offset <= end.Offset ? default : (end, null);
    }

    private void NoteQuorum(ReplicaKey replica, long nowMs)
    {
        if (!Replicas.IsVoter(replica)) return;
        _fetchedSinceCheck.Add(replica.Id);
        if (_fetchedSinceCheck.Count < State.Log.Voters.Majority - (State.IsVoter ? 1 : 0)) return;
        _fetchedSinceCheck.Clear();
        _checkQuorumMs = nowMs + CheckQuorumTimeoutMs;
    }

    private void RaiseHighWatermark(long nowMs)
    {
        var committed = Replicas.MajorityEndOffset;
        // Records of earlier epochs count only together with one of this epoch (Raft, section 5.4.2).
        if (committed <= _epochStartOffset || committed <= _highWatermark) return;
        _highWatermark = committed;
        if (committed > State.Log.HighWatermark) State.Log.RaiseHighWatermark(committed);
        _parked.AnswerBehind(committed);
        Changes.OnHighWatermark(committed);
        // It led without a vote to commit its own removal (KIP-853).
        if (!State.IsVoter && State.Log.VoterHistory.LatestOffset < committed) Resign(nowMs);
    }

    private IEnumerable<(int Id, ReplicaKey? Key)> Unaware() =>
        Replicas.Voters.Where(voter => !voter.KnowsLeader).Select(voter => (voter.Key.Id, voter.Key.DirectoryId == DirectoryId.Zero ? (ReplicaKey?)null : voter.Key));
}
