namespace KafkaCompatBroker.Raft.Tests;

/// <summary>
/// Nodes, a clock and a network that delivers in order after a delay, unless a link is cut. After every event the invariants of Raft are
/// checked over all nodes, running or not.
/// </summary>
internal sealed class SimulatedQuorum
{
    private readonly SortedDictionary<int, SimulatedNode> _nodes = [];
    private readonly PriorityQueue<RaftMessage, (long DueMs, long Order)> _wire = new();
    private readonly HashSet<(int From, int To)> _cuts = [];
    private readonly Dictionary<int, int> _leaderOfEpoch = [];
    private readonly SortedDictionary<long, RaftEntry> _committed = [];
    private readonly HashSet<int> _voters;
    private readonly Dictionary<int, (RaftNode? Node, long HighWatermark)> _checked = [];
    private readonly Dictionary<LogPosition, VoterSet?> _snapshots = [];
    private readonly List<RaftResponse> _answers = [];
    private long _order;
    private long _lastAsked;

    /// <param name="voters">Ids of the first voters.</param>
    /// <param name="observers">Ids of the others.</param>
    /// <param name="seed">Of all jitter.</param>
    /// <param name="isDynamic">Whether the voters stand in a bootstrap snapshot; otherwise they are configuration.</param>
    public SimulatedQuorum(IEnumerable<int> voters, IEnumerable<int> observers, int seed, bool isDynamic = false)
    {
        _voters = isDynamic ? [] : [.. voters];
        var set = new VoterSet(voters.Select(id => new Voter(new ReplicaKey(id, DirectoryId.Zero), [], 0, 1)));
        foreach (var id in voters.Concat(observers))
            _nodes[id] = new SimulatedNode(id, isDynamic ? VoterSet.Empty : set, seed, [.. voters.Where(voter => voter != id)]) { SnapshotContents = _snapshots, IsController = isDynamic };
        if (!isDynamic) return;
        var recorded = new VoterSet(voters.Select(id => new Voter(_nodes[id].Key, [new VoterEndpoint("CONTROLLER", "localhost", 1)], 0, 1)));
        foreach (var id in voters) _nodes[id].Disk.BootstrapVoters = [(-1, recorded)];
    }

    /// <summary>Answers to <see cref="Ask"/>, oldest first.</summary>
    public IReadOnlyList<RaftResponse> Answers => _answers;

    /// <summary>A client's request to a node.</summary>
    /// <param name="id">The node.</param>
    /// <param name="request">Makes the request with its correlation id.</param>
    public void Ask(int id, Func<long, RaftMessage> request)
    {
        _nodes[id].Node!.Step(request(++_lastAsked), NowMs);
        Drive(id);
    }

    public long NowMs { get; private set; }

    public long DelayMs { get; set; } = 1;

    public IReadOnlyDictionary<int, SimulatedNode> Nodes => _nodes;

    public IReadOnlyCollection<RaftEntry> Committed => _committed.Values;

    public IEnumerable<SimulatedNode> Leaders => _nodes.Values.Where(node => node.Node?.Role == RoleKind.Leader);

    public long LastCommittedOffset => _committed.Count == 0 ? 0 : _committed.Values.Last().NextOffset;

    public void Start(int id)
    {
        _nodes[id].Start(NowMs);
        Drive(id);
    }

    public void Stop(int id, bool isLossy) => _nodes[id].Stop(isLossy);

    public void Cut(int from, int to) => _cuts.Add((from, to));

    public void Heal() => _cuts.Clear();

    public bool Propose(int id, int records)
    {
        var node = _nodes[id].Node;
        if (node?.Propose(records, new byte[] { (byte)id }) is null) return false;
        Drive(id);
        return true;
    }

    public void Resign(int id)
    {
        _nodes[id].Node?.Resign(_nodes[id].Node!.Epoch, NowMs);
        Drive(id);
    }

    public void ReleaseDisk(int id)
    {
        Post(_nodes[id].ReleaseDisk(NowMs));
        Check();
    }

    public void Drive(int id, int? crashAfter = null)
    {
        Post(_nodes[id].Drive(NowMs, crashAfter));
        if (crashAfter is not null) _nodes[id].Stop(isLossy: true);
        Check();
    }

    public void Elapse(long ms)
    {
        var untilMs = NowMs + ms;
        for (var events = 0; NextEventMs() is var nextMs && nextMs <= untilMs; events++)
        {
            Assert.True(events < 100_000, "The nodes are busy without end.");
            NowMs = Math.Max(NowMs, nextMs);
            if (_wire.TryPeek(out var message, out var due) && due.DueMs <= NowMs)
            {
                _wire.Dequeue();
                Deliver(message);
                continue;
            }
            foreach (var node in _nodes.Values.Where(node => node.Node is { } running && running.DeadlineMs <= NowMs && node.Held is null))
            {
                node.Node!.Tick(NowMs);
                Drive(node.Id);
            }
        }
        NowMs = untilMs;
    }

    private long NextEventMs()
    {
        var nextMs = _wire.TryPeek(out _, out var due) ? due.DueMs : long.MaxValue;
        foreach (var node in _nodes.Values)
            if (node is { Node: { } running, Held: null }) nextMs = Math.Min(nextMs, Math.Max(NowMs, running.DeadlineMs));
        return nextMs;
    }

    private void Deliver(RaftMessage message)
    {
        if (message is RaftResponse answer && message.Destination < 0)
        {
            _answers.Add(answer);
            return;
        }
        if (message is KRaftVersionRequest ask)
        {
            // The shell of the new voter answers this one.
            if (_nodes[ask.Destination].Node is not null) Post([new KRaftVersionResponse(ask.CorrelationId, ask.Destination, ask.Source, RaftError.None, 0, 1)]);
            return;
        }
        if (!_nodes.TryGetValue(message.Destination, out var node) || node.Node is null || _cuts.Contains((message.Source, message.Destination))) return;
        node.Node.Step(message, NowMs);
        Drive(node.Id);
    }

    private void Post(IReadOnlyList<RaftMessage> messages)
    {
        foreach (var message in messages) _wire.Enqueue(message, (NowMs + DelayMs, _order++));
    }

    private void Check()
    {
        var hasNews = false;
        foreach (var leader in Leaders)
        {
            var epoch = leader.Node!.Epoch;
            if (!_leaderOfEpoch.TryAdd(epoch, leader.Id)) Assert.True(_leaderOfEpoch[epoch] == leader.Id, $"Epoch {epoch} was led by {_leaderOfEpoch[epoch]} and is led by {leader.Id}.");
        }
        foreach (var node in _nodes.Values.Where(node => node.Node is not null))
        {
            // Only what has been published since; a restarted node publishes all again.
            if (_checked.TryGetValue(node.Id, out var seen) && seen == (node.Node, node.PublishedHighWatermark)) continue;
            _checked[node.Id] = (node.Node, node.PublishedHighWatermark);
            hasNews = true;
            foreach (var entry in node.Disk.Entries.Where(entry => entry.NextOffset <= node.PublishedHighWatermark))
            {
                if (_committed.TryAdd(entry.BaseOffset, entry)) continue;
                Assert.True(IsSame(_committed[entry.BaseOffset], entry), $"Node {node.Id} has other committed records at {entry.BaseOffset}.");
            }
        }
        if (!hasNews) return;
        // The majority of a set that changes is for the simulation to judge.
        if (_voters.Count == 0) return;
        // Whatever was published as committed is on the disks of a majority, synced or it would not have counted.
        foreach (var entry in _committed.Values.Reverse().Take(1))
        {
            var holders = _nodes.Values.Count(node => _voters.Contains(node.Id) && (node.Disk.StartOffset > entry.BaseOffset || node.Disk.Entries.Any(held => held.BaseOffset == entry.BaseOffset && IsSame(held, entry))));
            Assert.True(holders > _voters.Count / 2, $"Committed {entry.BaseOffset}@{entry.Epoch} is on {holders} disks only.");
        }
    }

    private static bool IsSame(RaftEntry one, RaftEntry other) => one.Epoch == other.Epoch && one.RecordCount == other.RecordCount && one.BaseOffset == other.BaseOffset;
}
