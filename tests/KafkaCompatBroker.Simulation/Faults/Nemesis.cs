using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Faults;

/// <summary>Cuts the network, ends nodes and empties disks, as far as the seed's swarm has that and the cluster can be expected to survive it.</summary>
internal sealed class Nemesis(History history, SimulatedRandom random)
{
    private const int RestartMs = 3_000;

    private readonly bool _hasPartitions = history.Swarm.PartitionEveryMs > 0;
    private readonly bool _hasCrashes = history.Swarm.CrashEveryMs > 0;

    /// <summary>How often something happens on average; 0 for never.</summary>
    public int EveryMs => (_hasPartitions, _hasCrashes) switch
    {
        (true, true) => Math.Min(history.Swarm.PartitionEveryMs, history.Swarm.CrashEveryMs),
        _ => Math.Max(history.Swarm.PartitionEveryMs, history.Swarm.CrashEveryMs),
    };

    public void Strike()
    {
        if (_hasPartitions && (!_hasCrashes || random.Next(2) == 0)) Partition();
        else Crash();
    }

    /// <summary>
    /// Whether a voter set that may be in force has lost its majority for good: a change that was under way while a disk was wiped, which an
    /// operator must not do. Such a cluster is safe and stands still.
    /// </summary>
    public bool HasLostMajority => history.Nodes.Any(node => node.Voters.Voters.Count(voter => history.Nodes.Any(other => voter.Key.Covers(other.Key))) < node.Voters.Majority);

    /// <summary>
    /// Empties the disk of a node that is down. What is lost must be few enough: in every voter set that may be in force the replicas that
    /// still exist must be a majority.
    /// </summary>
    public void Wipe()
    {
        var node = random.Pick(history.Nodes);
        foreach (var voters in history.Nodes.Select(other => other.Voters).Append(history.Judge.Committed.Voters))
        {
            if (voters is null) continue;
            var left = voters.Voters.Count(voter => voter.Key != node.Key && history.Nodes.Any(other => voter.Key.Covers(other.Key)));
            // A leader may be about to add it, for it was caught up a moment ago.
            var majority = voters.TryGet(node.Id, out _) ? voters.Majority : ((voters.Count + 1) / 2) + 1;
            if (left < majority) return;
        }
        node.Kill();
        node.Wipe();
        history.StartLater(node, random.Next(RestartMs));
    }

    private void Crash()
    {
        var isWholeCluster = random.Next(10) == 0;
        var losesPower = history.Swarm.LosesPower && random.Next(2) == 0;
        foreach (var node in isWholeCluster ? history.Nodes : [random.Pick(history.Nodes)])
        {
            if (node.Raft is null) continue;
            node.Kill();
            if (losesPower) node.LosePower();
            history.StartLater(node, random.Next(RestartMs));
        }
    }

    private void Partition()
    {
        var nodes = history.Nodes;
        var one = random.Pick(nodes).Id;
        switch (random.Next(8))
        {
            case 0: history.Network.Cut(one, random.Pick(nodes).Id); break;
            case 1: CutBoth(one, random.Pick(nodes).Id); break;
            case 2: Each(other => history.Network.Cut(one, other)); break;
            case 3: Each(other => history.Network.Cut(other, one)); break;
            case 4: Each(other => CutBoth(one, other)); break;
            case 5: Split(); break;
            case 6: Ring(); break;
            default: history.Network.Heal(); break;
        }
        if (random.Next(3) == 0) history.Network.Heal();

        void Each(Action<int> action)
        {
            foreach (var other in nodes.Where(other => other.Id != one)) action(other.Id);
        }
    }

    private void Split()
    {
        var sides = history.Nodes.ToDictionary(node => node.Id, _ => random.Next(2));
        foreach (var (from, fromSide) in sides)
            foreach (var (to, toSide) in sides)
                if (fromSide != toSide) history.Network.Cut(from, to);
    }

    /// <summary>Each node reaches only its neighbours: majorities that no two nodes see alike.</summary>
    private void Ring()
    {
        var count = history.Nodes.Count;
        for (var from = 0; from < count; from++)
            for (var to = 0; to < count; to++)
                if (Math.Abs(from - to) is var distance && distance > 1 && distance < count - 1) history.Network.Cut(from, to);
    }

    private void CutBoth(int one, int other)
    {
        history.Network.Cut(one, other);
        history.Network.Cut(other, one);
    }
}
