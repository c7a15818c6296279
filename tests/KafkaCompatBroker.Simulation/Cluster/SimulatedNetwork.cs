using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Simulation.Cluster;

/// <summary>
/// Directed links that lose, delay, duplicate and reorder, and that can be cut one way. A request may arrive long after its sender has
/// ended; an answer reaches only the process that asked, as on a connection.
/// </summary>
internal sealed class SimulatedNetwork(History history, SimulatedRandom random)
{
    private readonly HashSet<(int From, int To)> _cuts = [];
    private readonly Dictionary<(int From, int To), long> _lastDueMs = [];
    private readonly Dictionary<long, Frame> _asked = [];
    private long _lastAsked;

    public void Cut(int from, int to) => _cuts.Add((from, to));

    public void Heal() => _cuts.Clear();

    public void Send(SimulatedNode source, RaftMessage message)
    {
        if (message is not RaftResponse response)
        {
            Send(new Frame(message, source.Id, source.Process, history.NodeOf(message.Destination).Id, 0));
            return;
        }
        // Whoever asked gets its own correlation id back, under the name by which it asked.
        if (!_asked.Remove(response.CorrelationId, out var ask)) throw new InvariantViolation("OneAnswerEach", $"Node {source.Id} answers {message} twice.");
        var answer = response with { CorrelationId = ask.Message.CorrelationId, Source = ask.Message.Destination };
        if (ask.From < 0) history.Workload.Answered(answer);
        else Send(new Frame(answer, source.Id, source.Process, ask.From, ask.FromProcess));
    }

    /// <summary>A client's request; clients are not cut off.</summary>
    public void Ask(SimulatedNode node, RaftMessage request) => Send(new Frame(request, -1, 0, node.Id, 0));

    public void Deliver(Frame frame)
    {
        var node = history.Nodes[frame.To];
        if (_cuts.Contains((frame.From, frame.To))) return;
        if (frame.Message is RaftResponse)
        {
            if (node.Process == frame.ToProcess) node.Receive(frame.Message);
        }
        else if (node.Raft is null)
        {
            if (history.Swarm.RefusesConnections && frame.From >= 0 && Refusal(frame.Message) is { } refusal)
                Send(new Frame(refusal, frame.To, 0, frame.From, frame.FromProcess));
        }
        else if (frame.Message is KRaftVersionRequest ask)
        {
            Send(new Frame(new KRaftVersionResponse(ask.CorrelationId, frame.To, frame.From, RaftError.None, 0, 1), frame.To, node.Process, frame.From, frame.FromProcess));
        }
        else
        {
            var request = frame.Message with { CorrelationId = ++_lastAsked, Destination = frame.To };
            _asked[_lastAsked] = frame;
            history.Judge.Received(node, request);
            node.Receive(request);
            history.Judge.TakenIn(node);
        }
    }

    /// <summary>What a node is told when a connection fails.</summary>
    private static RaftResponse? Refusal(RaftMessage request)
    {
        var (id, from, to) = (request.CorrelationId, request.Destination, request.Source);
        return request switch
        {
            VoteRequest => new VoteResponse(id, from, to, RaftError.Disconnected, 0, -1, false),
            BeginQuorumEpochRequest => new BeginQuorumEpochResponse(id, from, to, RaftError.Disconnected, 0, -1),
            EndQuorumEpochRequest => new EndQuorumEpochResponse(id, from, to, RaftError.Disconnected, 0, -1),
            FetchRequest => new FetchResponse(id, from, to, RaftError.Disconnected, 0, -1),
            FetchSnapshotRequest => new FetchSnapshotResponse(id, from, to, RaftError.Disconnected, 0, -1),
            AddVoterRequest => new AddVoterResponse(id, from, to, RaftError.Disconnected, 0, -1),
            RemoveVoterRequest => new RemoveVoterResponse(id, from, to, RaftError.Disconnected, 0, -1),
            UpdateVoterRequest => new UpdateVoterResponse(id, from, to, RaftError.Disconnected, 0, -1),
            KRaftVersionRequest => new KRaftVersionResponse(id, from, to, RaftError.Disconnected, 0, 0),
            _ => null,
        };
    }

    private void Send(Frame frame)
    {
        if (_cuts.Contains((frame.From, frame.To))) return;
        if (!history.IsFaulty)
        {
            history.DeliverLater(frame, DueMs(frame, 0));
            return;
        }
        if (random.Chance(history.Swarm.Loss)) return;
        history.DeliverLater(frame, DueMs(frame, history.Swarm.DelayMs));
        if (random.Chance(history.Swarm.Duplication)) history.DeliverLater(frame, DueMs(frame, history.Swarm.DelayMs));
    }

    private long DueMs(Frame frame, int delayMs)
    {
        var dueMs = history.NowMs + 1 + random.Exponential(delayMs);
        if (history.IsFaulty && random.Chance(history.Swarm.Stall)) dueMs += random.Next(6_000);
        if (!history.Swarm.IsOrdered) return dueMs;
        var link = (frame.From, frame.To);
        return _lastDueMs[link] = Math.Max(dueMs, _lastDueMs.GetValueOrDefault(link));
    }
}
