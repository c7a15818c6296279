using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation;

/// <summary>What clients and operators do: proposals, voter changes, snapshots, resignations; and the proof of progress at the end.</summary>
internal sealed class Workload(History history, SimulatedRandom random)
{
    private long _lastAsked;
    private long _progressFrom = long.MaxValue;

    public void Propose()
    {
        foreach (var node in Leaders())
        {
            node.Propose();
            history.WakeWhenDue(node);
        }
    }

    public void Do(EventKind kind)
    {
        switch (kind)
        {
            case EventKind.ChangeVoters: ChangeVoters(); break;
            case EventKind.TakeSnapshot: random.Pick(history.Nodes).TakeSnapshot(); break;
            case EventKind.Resign when Leaders() is { Count: > 0 } leaders:
                var leader = random.Pick(leaders);
                leader.Resign();
                history.WakeWhenDue(leader);
                break;
        }
    }

    public void Answered(RaftResponse answer)
    {
        if (answer.Error != RaftError.None)
        {
            if (answer.Error == RaftError.RequestTimedOut) history.Coverage.Reach(Point.VoterChangeBlocked);
            return;
        }
        history.Coverage.Reach(answer is AddVoterResponse ? Point.VoterAdded : Point.VoterRemoved);
    }

    /// <summary>From now on something new must be committed everywhere.</summary>
    public void BeginProgress() => _progressFrom = history.Judge.Committed.EndOffset;

    public bool HasProgressed()
    {
        foreach (var node in history.Nodes)
            if (node.PublishedHighWatermark <= _progressFrom || node.Applied < node.PublishedHighWatermark) return false;
        // A leader without a vote has only its own removal to commit.
        return Leaders().Any(leader => leader.PublishedHighWatermark == history.Judge.Committed.EndOffset && leader.Voters.Contains(leader.Key));
    }

    private List<SimulatedNode> Leaders() => [.. history.Nodes.Where(node => node.Raft is { Role: RoleKind.Leader })];

    private void ChangeVoters()
    {
        if (Leaders() is not { Count: > 0 } leaders) return;
        var leader = random.Pick(leaders);
        var node = random.Pick(history.Nodes);
        switch (random.Next(8))
        {
            case 0 or 1 when !leader.Raft!.AreVotersRecorded:
                leader.Upgrade();
                history.WakeWhenDue(leader);
                break;
            case 2:
                node.Port++;
                break;
            case 3 or 4 when Removable(leader, node) is { } key:
                history.Network.Ask(leader, new RemoveVoterRequest(++_lastAsked, -1, leader.Id, key));
                break;
            case 5:
                // A directory that the operator mistyped.
                history.Network.Ask(leader, new AddVoterRequest(++_lastAsked, -1, leader.Id, node.Key with { DirectoryId = new DirectoryId(99, 99) }, node.Endpoints, true));
                break;
            default:
                history.Network.Ask(leader, new AddVoterRequest(++_lastAsked, -1, leader.Id, node.Key, node.Endpoints, random.Next(2) == 0));
                break;
        }
    }

    /// <summary>The voter with the node's id, if the set without it has a majority of replicas that still exist.</summary>
    private ReplicaKey? Removable(SimulatedNode leader, SimulatedNode node)
    {
        if (!leader.Voters.TryGet(node.Id, out var voter) || leader.Voters.Without(voter.Key) is not { } rest) return null;
        var left = rest.Voters.Count(other => history.Nodes.Any(existing => other.Key.Covers(existing.Key)));
        return left >= rest.Majority ? voter.Key : null;
    }
}
