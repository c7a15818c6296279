using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Simulation.Cluster;

/// <summary>
/// One node: its disk, its clock, its Raft core while it runs, and the driver that carries out what the core decides, step by step, so
/// that a crash can come between any two.
/// </summary>
internal sealed class SimulatedNode
{
    private readonly History _history;
    private readonly SimulatedRandom _random;
    private readonly List<(long Offset, int Epoch, ReadOnlyMemory<byte> Bytes)> _proposed = [];
    private Ready? _ready;
    private long _endOffsetTaken;
    private int _step;
    private ulong _wipes;
    private RoleKind? _knownRole;
    private int _knownEpoch;

    public SimulatedNode(int id, History history, SimulatedRandom random)
    {
        (Id, _history, _random) = (id, history, random);
        Machine = history.NewMachine(id);
    }

    public int Id { get; }

    public SimulatedDisk Disk { get; } = new();

    public RaftNode? Raft { get; private set; }

    /// <summary>Counts processes: an answer to an earlier one does not reach the next.</summary>
    public int Process { get; private set; }

    public IStateMachine Machine { get; }

    public long Applied { get; private set; }

    public long PublishedHighWatermark { get; private set; } = -1;

    /// <summary>The local clock runs at this many thousandths of the true time.</summary>
    public int ClockRate { get; init; } = 1000;

    public VoterSet StaticVoters { get; init; } = VoterSet.Empty;

    public int Port { get; set; } = 1;

    public bool JoinsByItself { get; init; }

    public ReplicaKey Key => new(Id, new DirectoryId(7 + _wipes, (ulong)Id));

    public VoterEndpoint[] Endpoints => [new("CONTROLLER", "localhost", Port)];

    /// <summary>The voters that hold here, running or not.</summary>
    public VoterSet Voters => Raft?.Voters ?? Disk.LatestVoters?.Voters ?? StaticVoters;

    /// <summary>When the node next wants to be woken, in true time.</summary>
    public long WakeMs => (Raft?.DeadlineMs ?? long.MaxValue) switch
    {
        long.MaxValue => long.MaxValue,
        <= 0 => 0,
        var deadlineMs => ((deadlineMs * 1000) + ClockRate - 1) / ClockRate,
    };

    private long LocalMs => _history.NowMs * ClockRate / 1000;

    public void Start()
    {
        Process++;
        (_ready, _step, PublishedHighWatermark, _knownRole) = (null, 0, -1, null);
        _proposed.Clear();
        if (_history.Fault == HarnessFault.LosesQuorumState) Disk.LoseState();
        if (_history.Fault != HarnessFault.TrustsPageCache)
        {
            // Whatever the last process wrote must be on the disk before this one builds on it.
            Disk.SyncState();
            Disk.Sync();
        }
        var state = Disk.Load();
        if (state.LatestSnapshot is { } snapshot && snapshot.Offset > state.EndOffset) _history.Coverage.Reach(Point.SnapshotFoundAtStart);
        Machine.Load(Disk.NewestSnapshot?.State);
        Applied = Disk.NewestSnapshot?.Id.Offset ?? 0;
        var options = new RaftOptions(Key) { Endpoints = Endpoints, JoinsByItself = JoinsByItself, BootstrapIds = _history.BootstrapIds, RequestTimeoutMs = 1000 };
        Raft = new RaftNode(options, state, Disk.State, StaticVoters, _random.Fork(), LocalMs);
        _history.Judge.Started(this);
        Pump();
    }

    /// <summary>The process ends; what it wrote stays.</summary>
    public void Kill()
    {
        Raft = null;
        _ready = null;
    }

    public void LosePower()
    {
        var (batches, state) = Disk.LosePower(_random);
        if (batches) _history.Coverage.Reach(Point.UnsyncedBatchesLost);
        if (state) _history.Coverage.Reach(Point.UnsyncedQuorumStateLost);
        _history.Judge.Lost(this);
    }

    public void Wipe()
    {
        Disk.Wipe();
        if (_history.Fault != HarnessFault.KeepsDirectoryIdOfWipedDisk) _wipes++;
        _history.Coverage.Reach(Point.DiskWiped);
        _history.Judge.Lost(this);
    }

    public void Tick() => Do(raft => raft.Tick(LocalMs));

    public void Receive(RaftMessage message) => Do(raft => raft.Step(message, LocalMs));

    public void Resign() => Do(raft => raft.Resign(raft.Epoch, LocalMs));

    public void Upgrade() => Do(raft =>
    {
        if (raft.UpgradeKRaftVersion(1, onlyCheck: false, LocalMs) is { Offset: not null }) _history.Coverage.Reach(Point.KRaftVersionUpgraded);
    });

    public bool Propose()
    {
        if (Raft is not { Role: RoleKind.Leader } raft) return false;
        // A controller decides only on a state that holds everything decided before.
        if (_history.Swarm.HasController && Applied != raft.EndOffset) return false;
        if (Machine.Decide(_random, _history.NowMs) is not { } batch) return false;
        var offset = raft.Propose(batch.Records, batch.Bytes)!.Value;
        _proposed.Add((offset + batch.Records, raft.Epoch, batch.Bytes));
        Pump();
        return true;
    }

    public void TakeSnapshot()
    {
        if (Raft is not { } raft || _ready is not null || Applied == 0 || Applied != raft.HighWatermark || Applied <= (Disk.NewestSnapshot?.Id.Offset ?? 0)) return;
        var (id, voters) = raft.SnapshotIdentity(Applied);
        var bytes = new byte[9 + _random.Next(20)];
        _random.NextBytes(bytes);
        var snapshot = new SnapshotFile(id, voters, Machine.Save(), bytes);
        _history.Snapshots.Add(snapshot);
        Disk.Keep(snapshot);
        raft.SnapshotTaken(id);
        // Sometimes an older one and the log above it are kept for followers.
        var start = _random.Next(3) > 0 || Disk.OldestSnapshot is not { } oldest ? id : oldest;
        Disk.DeleteBelow(start);
        raft.LogStartRaised(start);
    }

    /// <summary>Carries out one step of what is under way; true when another one is to come.</summary>
    public bool CarryOutStep()
    {
        if (Raft is not { } raft || _ready is not { } ready) return false;
        if (_history.CrashesInStep()) return End(losesPower: _history.Swarm.LosesPower);
        switch (_step++)
        {
            case 0: return WriteState(ready);
            case 1: return WriteLog(ready);
            case 2: return _history.Fault == HarnessFault.SyncsAfterSending || SyncLog(ready);
            case 3:
                Send(ready);
                Publish(ready);
                return true;
            default:
                if (_history.Fault == HarnessFault.SyncsAfterSending && !SyncLog(ready)) return false;
                _ready = null;
                raft.Advance(ready, LocalMs);
                foreach (var chunk in ready.SnapshotChunks) Keep(raft, chunk);
                NoteRole();
                return false;
        }
    }

    /// <summary>Starts to carry out what the core has decided, if nothing is under way.</summary>
    public void Pump()
    {
        while (Raft is { HasReady: true } raft && _ready is null)
        {
            NoteRole();
            _ready = raft.TakeReady();
            (_step, _endOffsetTaken) = (0, raft.EndOffset);
            if (_history.Fault == HarnessFault.SendsBeforeWriting) Send(_ready);
            if (_history.Swarm.DiskLatencyMs > 0 && _history.IsFaulty)
            {
                _history.StepLater(this, _random.Next(_history.Swarm.DiskLatencyMs));
                return;
            }
            while (CarryOutStep()) { }
        }
    }

    public string Picture() =>
        $"{Id}/{Key.DirectoryId.High - 7}:{(Raft is null ? "down" : $"{Raft.Role}@{Raft.Epoch}>{Raft.LeaderId}")} hw {PublishedHighWatermark} log {Disk.Start}..{Disk.EndOffset} voters {string.Join(' ', Voters.Voters.Select(voter => $"{voter.Key.Id}/{voter.Key.DirectoryId.High - 7}"))}";

    private void Do(Action<RaftNode> action)
    {
        if (Raft is not { } raft) return;
        action(raft);
        NoteRole();
        Pump();
    }

    private bool WriteState(Ready ready)
    {
        if (ready.QuorumState is not { } state) return true;
        _history.Judge.Writing(this, state);
        Disk.Write(state);
        if (_history.Fault == HarnessFault.ForgetsVoteSync) return true;
        if (_history.CrashesInStep()) return End(losesPower: _history.Swarm.LosesPower);
        if (_history.SyncFails()) return End(losesPower: true);
        Disk.SyncState();
        return true;
    }

    private bool WriteLog(Ready ready)
    {
        if (ready.ResetTo is { } snapshot)
        {
            _history.Judge.Resetting(this, snapshot);
            Disk.ResetTo(snapshot);
            Machine.Load(Disk.NewestSnapshot!.State);
            Applied = snapshot.Offset;
            _history.Judge.Lost(this);
        }
        if (ready.TruncateTo is { } cut && _history.Fault != HarnessFault.SkipsTruncation)
        {
            _history.Judge.Truncating(this, cut);
            Disk.TruncateTo(cut);
            _history.Judge.Lost(this);
        }
        foreach (var entry in ready.Entries)
        {
            if (_history.DiskIsFull()) return StartOver();
            Disk.Append(entry);
            _history.Judge.Appended(this, entry);
            if (_history.Fault == HarnessFault.AppliesUncommitted) ApplyUpTo(entry.NextOffset);
        }
        if (Disk.EndOffset != _endOffsetTaken) throw new InvariantViolation("LogFollowsCore", $"The log of {Id} ends at {Disk.EndOffset}, the core says {_endOffsetTaken}.");
        return true;
    }

    private bool SyncLog(Ready ready)
    {
        var isForgotten = _history.Fault == HarnessFault.ForgetsLogSync || (_history.Fault == HarnessFault.LeaderCountsWithoutSync && Raft is { Role: RoleKind.Leader });
        if (ready.Entries.Count > 0 && !isForgotten)
        {
            if (_history.SyncFails()) return End(losesPower: true);
            Disk.Sync();
        }
        return true;
    }

    private void Send(Ready ready)
    {
        if (_history.Fault == HarnessFault.SendsBeforeWriting && _step > 0) return;
        foreach (var message in ready.Messages)
        {
            _history.Judge.Sending(this, message);
            _history.Network.Send(this, message switch
            {
                FetchResponse { ReadFrom: { } offset } fetch => fetch with { ReadFrom = null, Entries = Disk.Read(offset, _history.ReadBatchesMax()) },
                FetchSnapshotResponse { IsToBeRead: true } piece => ReadPiece(piece),
                _ => message,
            });
        }
    }

    private FetchSnapshotResponse ReadPiece(FetchSnapshotResponse piece)
    {
        if (Disk.FindSnapshot(piece.Snapshot) is not { } snapshot)
        {
            _history.Coverage.Reach(Point.SnapshotGone);
            return piece.WithError(RaftError.SnapshotNotFound);
        }
        if (piece.Position >= snapshot.Bytes.Length) return piece.WithError(RaftError.PositionOutOfRange);
        if (piece.Position > 0) _history.Coverage.Reach(Point.SnapshotInPieces);
        return piece.WithPiece(snapshot.Bytes.Length, snapshot.Bytes.AsMemory((int)piece.Position, Math.Min(1 + _random.Next(20), snapshot.Bytes.Length - (int)piece.Position)));
    }

    private void Keep(RaftNode raft, SnapshotChunk chunk)
    {
        var bytes = Disk.Download(chunk);
        if (!chunk.IsLast) return;
        if (_history.Buggify(100))
        {
            raft.SnapshotRefused(LocalMs);
            return;
        }
        if (_history.Fault == HarnessFault.InstallsTornSnapshots && _random.Next(2) == 0) bytes = bytes[..^1];
        var snapshot = _history.Snapshots.Find(one => one.Id == chunk.Snapshot && bytes.AsSpan().SequenceEqual(one.Bytes))
            ?? throw new InvariantViolation("SnapshotsAreWhole", $"Node {Id} has {bytes.Length} bytes of {chunk.Snapshot} that no node has written.");
        Disk.Keep(snapshot);
        if (_history.CrashesInStep())
        {
            End(losesPower: false);
            return;
        }
        _history.Coverage.Reach(Point.SnapshotInstalled);
        raft.SnapshotInstalled(snapshot.Id, snapshot.Voters, LocalMs);
    }

    private void Publish(Ready ready)
    {
        if (ready.HighWatermark is not { } highWatermark) return;
        _history.Judge.Publishing(this, highWatermark);
        PublishedHighWatermark = highWatermark;
        if (_history.Fault != HarnessFault.AppliesUncommitted) ApplyUpTo(highWatermark);
        foreach (var (offset, epoch, bytes) in _proposed.Where(proposed => proposed.Offset <= highWatermark && proposed.Epoch == Raft!.Epoch))
            _history.Judge.Acknowledged(offset, bytes);
        _proposed.RemoveAll(proposed => proposed.Offset <= highWatermark);
    }

    private void ApplyUpTo(long offset)
    {
        while (Applied < offset && Disk.Read(Applied, 1) is [var entry])
        {
            Machine.Apply(entry);
            Applied = entry.NextOffset;
            _history.Judge.Applied(this);
        }
    }

    /// <summary>A full disk ends no node: the driver starts over from what is on the disk.</summary>
    private bool StartOver()
    {
        _history.Coverage.Reach(Point.DiskWasFull);
        Kill();
        _history.StartLater(this, 1_000);
        return false;
    }

    private bool End(bool losesPower)
    {
        Kill();
        if (losesPower) LosePower();
        _history.StartLater(this, _random.Next(2_000));
        return false;
    }

    private void NoteRole()
    {
        if (Raft is not { } raft || (_knownRole == raft.Role && _knownEpoch == raft.Epoch)) return;
        var before = _knownRole;
        (_knownRole, _knownEpoch) = (raft.Role, raft.Epoch);
        _history.Judge.RoleChanged(this, before);
    }
}
