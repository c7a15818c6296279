using KafkaCompatBroker.Raft.Roles;

namespace KafkaCompatBroker.Raft;

/// <summary>
/// One replica of a KRaft quorum (KIP-595, 853, 996) as a pure state machine: the log is pulled by followers, leaders are elected by epoch,
/// what a majority has on its disks is committed. It does nothing by itself: the caller feeds messages and time, takes a <see cref="Ready"/>,
/// carries it out in the order given there and calls <see cref="Advance"/>. Not safe for concurrent use: one thread drives it.
/// </summary>
public sealed class RaftNode
{
    private readonly RaftState _state;
    private readonly RequestHandling _requests;
    private Ready? _outstanding;

    /// <summary>Wakes a replica up from what its disk holds; a sole voter leads at once.</summary>
    /// <param name="options">Who the node is, and timing.</param>
    /// <param name="log">What is on the disk.</param>
    /// <param name="saved">The persisted election facts, null when the node has never seen an epoch.</param>
    /// <param name="staticVoters">The configured voters, in force until the log names others; empty with dynamic voters.</param>
    /// <param name="random">Source of all time-out jitter.</param>
    /// <param name="nowMs">The time, on any scale that never goes back.</param>
    public RaftNode(RaftOptions options, RaftLogState log, QuorumStateRecord? saved, VoterSet staticVoters, Random random, long nowMs)
    {
        _state = new RaftState(options, new LogView(log, staticVoters), saved, random);
        _requests = new RequestHandling(_state);
        if (_state.Log.Voters.IsOnly(options.Local))
        {
            _state.BecomeUnattached(_state.Epoch, nowMs);
            return;
        }
        if (_state.LeaderId == options.Local.Id) _state.BecomeResigned([], nowMs);
        else if (_state.LeaderId != QuorumStateRecord.NoLeader) _state.BecomeFollower(_state.Epoch, _state.LeaderId, nowMs);
        else _state.BecomeUnattached(_state.Epoch, nowMs);
    }

    /// <summary>The current role.</summary>
    public RoleKind Role => _state.Role.Kind;

    /// <summary>The current epoch.</summary>
    public int Epoch => _state.Epoch;

    /// <summary>The leader of the current epoch that this node follows or is, -1 when there is none.</summary>
    public int LeaderId => _state.Role.LeaderToFollow;

    /// <summary>Offset after the last record, durable or not.</summary>
    public long EndOffset => _state.Log.EndOffset;

    /// <summary>Every record below this is committed and will never change.</summary>
    public long HighWatermark => _state.Log.HighWatermark;

    /// <summary>The voters in force.</summary>
    public VoterSet Voters => _state.Log.Voters;

    /// <summary>Whether the voters stand in the log (kraft.version 1, KIP-853); otherwise they are configuration.</summary>
    public bool AreVotersRecorded => _state.Log.VoterHistory.LatestOffset is not null;

    /// <summary>When <see cref="Tick"/> must be called at the latest; long.MaxValue when only a message or a proposal can change anything.</summary>
    public long DeadlineMs => _state.Role.DeadlineMs;

    /// <summary>Whether <see cref="TakeReady"/> has something to carry out.</summary>
    public bool HasReady => _outstanding is null && _state.HasReady;

    /// <summary>Lets time pass.</summary>
    public void Tick(long nowMs) => _state.Role.Tick(nowMs);

    /// <summary>Takes in a request of another node or an answer to one of ours. Nothing that another node sends makes this throw.</summary>
    public void Step(RaftMessage message, long nowMs)
    {
        switch (message)
        {
            case VoteRequest request: _requests.Handle(request, nowMs); break;
            case BeginQuorumEpochRequest request: _requests.Handle(request, nowMs); break;
            case EndQuorumEpochRequest request: _requests.Handle(request, nowMs); break;
            case FetchRequest request: _requests.Handle(request, nowMs); break;
            case FetchSnapshotRequest request: _requests.Handle(request, nowMs); break;
            case AddVoterRequest request: _requests.Handle(request, nowMs); break;
            case RemoveVoterRequest request: _requests.Handle(request, nowMs); break;
            case UpdateVoterRequest request: _requests.Handle(request, nowMs); break;
            case RaftResponse response: OnResponse(response, nowMs); break;
        }
    }

    /// <summary>Appends a batch as the leader.</summary>
    /// <param name="recordCount">Records in the batch, at least one.</param>
    /// <param name="bytes">The encoded batch; the driver stamps its offset and epoch when it writes it.</param>
    /// <returns>The offset of the first record, null when this node does not lead.</returns>
    public long? Propose(int recordCount, ReadOnlyMemory<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(recordCount, 1);
        return _state.Role is Leader leader ? leader.Propose(recordCount, bytes) : null;
    }

    /// <summary>Raises kraft.version, which the voters record in the log (KIP-853).</summary>
    /// <param name="kraftVersion">The level to run: 1.</param>
    /// <param name="onlyCheck">Whether nothing is to be appended.</param>
    /// <param name="nowMs">The time.</param>
    public KRaftVersionOutcome UpgradeKRaftVersion(short kraftVersion, bool onlyCheck, long nowMs) =>
        _state.Role is Leader leader ? leader.Changes.Upgrade(kraftVersion, onlyCheck, nowMs) : new KRaftVersionOutcome(RaftError.NotLeaderOrFollower);

    /// <summary>Gives up leadership of <paramref name="epoch"/>; does nothing when this node does not lead it.</summary>
    public void Resign(int epoch, long nowMs)
    {
        if (_state.Role is Leader leader && _state.Epoch == epoch) leader.Resign(nowMs);
    }

    /// <summary>What to carry out now. The next one is given only after <see cref="Advance"/>.</summary>
    /// <exception cref="InvalidOperationException">The previous one has not been carried out.</exception>
    public Ready TakeReady()
    {
        if (_outstanding is not null) throw new InvalidOperationException("The previous Ready is not carried out yet.");
        _outstanding = _state.TakeReady();
        return _outstanding;
    }

    /// <summary>Everything in <paramref name="ready"/> is done and durable. A leader may count itself now, so a new one may be ready.</summary>
    public void Advance(Ready ready, long nowMs)
    {
        if (!ReferenceEquals(ready, _outstanding)) throw new InvalidOperationException("Only the Ready taken last can be carried out.");
        _outstanding = null;
        _state.Log.HandedOutIsDurable();
        if (_state.Role is Leader leader) leader.OnLogDurable(nowMs);
    }

    /// <summary>The identity of a snapshot of everything below <paramref name="offset"/>, and the voters that it must record.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> is not committed or no longer in the log.</exception>
    public (LogPosition Id, VoterSet? Voters) SnapshotIdentity(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, HighWatermark);
        return (_state.Log.PositionAt(offset), _state.Log.VoterHistory.RecordedBelow(offset));
    }

    /// <summary>
    /// The snapshot whose last <see cref="SnapshotChunk"/> came is whole, durable and will be found by <see cref="IRaftLog.Load"/>: it takes
    /// the place of the log, which the next <see cref="Ready"/> starts over, unless the node has got further by itself.
    /// </summary>
    /// <param name="id">The snapshot's identity.</param>
    /// <param name="voters">The voters that it records, null when it has none.</param>
    /// <param name="nowMs">The time.</param>
    public void SnapshotInstalled(LogPosition id, VoterSet? voters, long nowMs)
    {
        if (_state.Log.IsReplacedBy(id)) _state.Log.ReplaceBy(id, voters);
        _state.Role.OnSnapshotDone(isInstalled: true, nowMs);
    }

    /// <summary>The snapshot whose last <see cref="SnapshotChunk"/> came is damaged and was thrown away.</summary>
    public void SnapshotRefused(long nowMs) => _state.Role.OnSnapshotDone(isInstalled: false, nowMs);

    /// <summary>A snapshot with this identity is complete and durable.</summary>
    public void SnapshotTaken(LogPosition id) => _state.Log.SnapshotTaken(id);

    /// <summary>The driver deleted the log, and older snapshots, below this snapshot.</summary>
    public void LogStartRaised(LogPosition earliestSnapshot) => _state.Log.StartRaised(earliestSnapshot);

    /// <summary>The quorum as this node sees it; progress of replicas only when it leads.</summary>
    public QuorumDescription Describe(long nowMs) =>
        _state.Role is Leader leader ? leader.Describe(nowMs) : new QuorumDescription(LeaderId, Epoch, HighWatermark, Voters, [], []);

    private void OnResponse(RaftResponse response, long nowMs)
    {
        if (!_state.Requests.Accept(response)) return;
        switch (response)
        {
            case KRaftVersionResponse version:
                _state.Role.OnKRaftVersionResponse(version, nowMs);
                return;
            case AddVoterResponse or RemoveVoterResponse when response.Error != RaftError.Disconnected:
                _state.Role.OnVoterChangeResponse(response, nowMs);
                return;
        }
        if (response.Error == RaftError.Disconnected)
        {
            _state.Requests.BackOff(response.Source, nowMs);
            return;
        }
        if (response.Epoch < _state.Epoch)
        {
            _state.Requests.BackOff(response.Source, nowMs);
            return;
        }
        if (TellsOfLeader(response))
        {
            if (response.LeaderId >= 0 && response.LeaderId != _state.Options.Local.Id) _state.BecomeFollower(response.Epoch, response.LeaderId, nowMs);
            else _state.BecomeUnattached(response.Epoch, nowMs);
            return;
        }
        switch (response)
        {
            case VoteResponse vote: _state.Role.OnVoteResponse(vote, nowMs); break;
            case FetchResponse fetch: _state.Role.OnFetchResponse(fetch, nowMs); break;
            case FetchSnapshotResponse piece: _state.Role.OnFetchSnapshotResponse(piece, nowMs); break;
            case UpdateVoterResponse update: _state.Role.OnVoterChangeResponse(update, nowMs); break;
            case BeginQuorumEpochResponse begin: _state.Role.OnBeginQuorumEpochResponse(begin, nowMs); break;
            case EndQuorumEpochResponse end: _state.Role.OnEndQuorumEpochResponse(end, nowMs); break;
        }
    }

    /// <summary>Whether the answer shows a newer epoch, or the leader of this one to a node that has none to follow.</summary>
    private bool TellsOfLeader(RaftResponse response)
    {
        if (response.Epoch > _state.Epoch) return true;
        if (response.LeaderId < 0 || response.LeaderId == _state.Options.Local.Id) return false;
        return _state.LeaderId == QuorumStateRecord.NoLeader || (_state.Role is Unattached && _state.LeaderId == response.LeaderId);
    }
}
