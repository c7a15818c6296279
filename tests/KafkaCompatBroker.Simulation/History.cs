using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;
using KafkaCompatBroker.Simulation.Faults;
using KafkaCompatBroker.Simulation.Invariants;

namespace KafkaCompatBroker.Simulation;

/// <summary>
/// One seed's history of a whole cluster: events in the order of time, everything else drawn from the seed. After the faults the network
/// is healed and every node started, and the cluster must make progress.
/// </summary>
internal sealed class History
{
    /// <summary>A healed cluster that needs longer to agree is stuck.</summary>
    private const long HealedMs = 120_000;

    // Events of one millisecond happen in the order in which they were planned.
    private const int OrderBits = 28;

    private const int EventsAtOnceMax = 5_000;

    private readonly PriorityQueue<SimulatedEvent, long> _events = new();
    private readonly Dictionary<int, long> _wakes = [];
    private readonly SimulatedRandom _random;
    private readonly SimulatedRandom _diskRandom;
    private readonly Nemesis _nemesis;
    private readonly TraceHash _trace = new();
    private long _order;
    private int _eventsAtOnce;

    public History(ulong seed, SimulationForm form, HarnessFault fault)
    {
        _random = new SimulatedRandom(seed);
        Fault = fault;
        Swarm = Swarm.Draw(_random.Fork(), form);
        _diskRandom = _random.Fork();
        Network = new SimulatedNetwork(this, _random.Fork());
        Judge = new Judge(this);
        Workload = new Workload(this, _random.Fork());
        _nemesis = new Nemesis(this, _random.Fork());
        BootstrapIds = [.. Enumerable.Range(0, Swarm.Voters + Swarm.Observers).Select(index => -2 - index)];
        MakeNodes();
    }

    /// <summary>Told of every event in words; null for speed.</summary>
    public Action<string>? Tell { get; init; }

    public Swarm Swarm { get; }

    public HarnessFault Fault { get; }

    public Coverage Coverage { get; } = new();

    public SimulatedNetwork Network { get; }

    public Judge Judge { get; }

    public Workload Workload { get; }

    public IReadOnlyList<int> BootstrapIds { get; }

    /// <summary>All nodes; a node's id is its place.</summary>
    public List<SimulatedNode> Nodes { get; } = [];

    /// <summary>Every snapshot that any node has written.</summary>
    public List<SnapshotFile> Snapshots { get; } = [];

    /// <summary>True time.</summary>
    public long NowMs { get; private set; }

    public int Events { get; private set; }

    /// <summary>False at the end, when everything is healed.</summary>
    public bool IsFaulty { get; private set; } = true;

    public ulong Hash => _trace.Value;

    public void Run()
    {
        foreach (var node in Nodes) StartLater(node, _random.Next(200));
        foreach (var (kind, everyMs) in Recurring()) Again(kind, everyMs);
        RunUntil(Swarm.DurationMs, () => false);
        Heal();
        if (!RunUntil(NowMs + HealedMs, Workload.HasProgressed) && !_nemesis.HasLostMajority) throw new InvariantViolation("Liveness", $"No progress in {HealedMs} ms after everything was healed.");
        Judge.Ended();
    }

    public IStateMachine NewMachine(int nodeId) => Swarm.HasController ? new ControllerMachine(nodeId, _random.NextBits()) : new DigestMachine();

    public SimulatedNode NodeOf(int destination) => Nodes[destination >= 0 ? destination : -2 - destination];

    public void DeliverLater(Frame frame, long dueMs) => At(dueMs, new SimulatedEvent(EventKind.Deliver, Frame: frame));

    public void StartLater(SimulatedNode node, long delayMs) => At(NowMs + delayMs, new SimulatedEvent(EventKind.Start, node, node.Process));

    public void StepLater(SimulatedNode node, long delayMs) => At(NowMs + delayMs, new SimulatedEvent(EventKind.DiskStep, node, node.Process));

    public bool CrashesInStep() => IsFaulty && _diskRandom.Chance(Swarm.CrashInStep);

    public bool SyncFails()
    {
        if (!IsFaulty || !_diskRandom.Chance(Swarm.SyncFailure)) return false;
        Coverage.Reach(Point.SyncFailed);
        return true;
    }

    public bool DiskIsFull() => IsFaulty && _diskRandom.Chance(Swarm.DiskFull);

    public bool Buggify(int perThousand) => IsFaulty && Swarm.Buggifies && _diskRandom.Chance(perThousand);

    public int ReadBatchesMax() => Buggify(500) ? 1 : 1 + _diskRandom.Next(8);

    private void MakeNodes()
    {
        var count = Swarm.Voters + Swarm.Observers;
        var configured = new VoterSet(Enumerable.Range(0, Swarm.Voters).Select(id => new Voter(new ReplicaKey(id, DirectoryId.Zero), [], 0, 0)));
        for (var id = 0; id < count; id++)
        {
            Nodes.Add(new SimulatedNode(id, this, _random.Fork())
            {
                ClockRate = Swarm.HasSkew ? _random.Next(900, 1100) : 1000,
                StaticVoters = Swarm.IsRecorded ? VoterSet.Empty : configured,
                JoinsByItself = Swarm.JoinsByItself,
            });
        }
        if (!Swarm.IsRecorded) return;
        var bootstrap = new VoterSet(Nodes.Take(Swarm.Voters).Select(node => new Voter(node.Key, node.Endpoints, 0, 1)));
        foreach (var node in Nodes.Take(Swarm.Voters)) node.Disk.BootstrapVoters = bootstrap;
    }

    private (EventKind Kind, int EveryMs)[] Recurring() =>
    [
        (EventKind.Propose, Swarm.ProposeEveryMs),
        (EventKind.Fault, _nemesis.EveryMs),
        (EventKind.ChangeVoters, Swarm.VoterChangeEveryMs),
        (EventKind.TakeSnapshot, Swarm.SnapshotEveryMs),
        (EventKind.Resign, Swarm.ResignEveryMs),
        (EventKind.Wipe, Swarm.WipeEveryMs),
    ];

    private void Heal()
    {
        IsFaulty = false;
        Network.Heal();
        foreach (var node in Nodes.Where(node => node.Raft is null)) StartLater(node, 0);
        Workload.BeginProgress();
        Again(EventKind.Propose, 200);
    }

    private bool RunUntil(long endMs, Func<bool> isDone)
    {
        while (_events.TryPeek(out var next, out var place) && place >> OrderBits is var dueMs && dueMs <= endMs)
        {
            _events.Dequeue();
            Events++;
            _eventsAtOnce = dueMs == NowMs ? _eventsAtOnce + 1 : 0;
            NowMs = dueMs;
            if (_eventsAtOnce > EventsAtOnceMax) throw new InvariantViolation("Liveness", $"More than {EventsAtOnceMax} events at {NowMs} ms: the nodes are busy without end.");
            Handle(next);
            if (isDone()) return true;
        }
        return false;
    }

    private void Handle(SimulatedEvent next)
    {
        _trace.Add(NowMs, (long)next.Kind, next.Node?.Id ?? -1);
        switch (next.Kind)
        {
            case EventKind.Deliver:
                _trace.Add(next.Frame!.From, next.Frame.To, Number(next.Frame.Message));
                Network.Deliver(next.Frame);
                WakeWhenDue(Nodes[next.Frame.To]);
                break;
            case EventKind.Wake:
                if (_wakes.GetValueOrDefault(next.Node!.Id) != NowMs) return;
                _wakes.Remove(next.Node!.Id);
                if (next.Node!.Process == next.Process) next.Node.Tick();
                WakeWhenDue(next.Node);
                break;
            case EventKind.DiskStep:
                if (next.Node!.Process != next.Process || next.Node.Raft is null) return;
                if (next.Node.CarryOutStep()) StepLater(next.Node, _diskRandom.Next(Math.Max(1, Swarm.DiskLatencyMs)));
                else next.Node.Pump();
                WakeWhenDue(next.Node);
                break;
            case EventKind.Start:
                if (next.Node!.Raft is not null || next.Node.Process != next.Process) return;
                next.Node.Start();
                WakeWhenDue(next.Node);
                break;
            case EventKind.Propose: Again(next.Kind, IsFaulty ? Swarm.ProposeEveryMs : 200); Workload.Propose(); break;
            default:
                if (!IsFaulty) return;
                Again(next.Kind, Recurring().First(recurring => recurring.Kind == next.Kind).EveryMs);
                if (next.Kind == EventKind.Fault) _nemesis.Strike();
                else if (next.Kind == EventKind.Wipe) _nemesis.Wipe();
                else Workload.Do(next.Kind);
                break;
        }
        Tell?.Invoke($"{NowMs,7} {next.Kind} {next.Node?.Id} {next.Frame?.Message}\n        {string.Join("  ", Nodes.Select(node => node.Picture()))}");
        foreach (var node in Nodes) _trace.Add(node.Raft?.Epoch ?? -1, node.PublishedHighWatermark, node.Disk.EndOffset);
    }

    /// <summary>What makes one message differ from another.</summary>
    private static long Number(RaftMessage message) => message switch
    {
        VoteRequest vote => 1 + (vote.Epoch * 10L) + (vote.PreVote ? 5 : 0),
        VoteResponse vote => 2 + (vote.Epoch * 10L) + (vote.Granted ? 5 : 0),
        FetchRequest fetch => 3 + (fetch.Position.Offset * 10) + (fetch.Epoch * 100_000L),
        FetchResponse fetch => 4 + (fetch.HighWatermark * 10) + (fetch.Entries.Count * 100_000L),
        RaftResponse response => 8 + ((int)response.Error * 10) + (response.Epoch * 100_000L),
        _ => 9,
    } + (message.CorrelationId * 1_000_003);

    private void Again(EventKind kind, int everyMs)
    {
        if (everyMs > 0) At(NowMs + 1 + _random.Next(2 * everyMs), new SimulatedEvent(kind));
    }

    /// <summary>One wake-up a node is under way, the earliest; one that comes too early does no harm.</summary>
    public void WakeWhenDue(SimulatedNode node)
    {
        var dueMs = Math.Max(NowMs, node.WakeMs);
        if (dueMs == long.MaxValue || (_wakes.TryGetValue(node.Id, out var known) && known <= dueMs)) return;
        _wakes[node.Id] = dueMs;
        At(dueMs, new SimulatedEvent(EventKind.Wake, node, node.Process));
    }

    private void At(long dueMs, SimulatedEvent what) => _events.Enqueue(what, (dueMs << OrderBits) + _order++);
}
