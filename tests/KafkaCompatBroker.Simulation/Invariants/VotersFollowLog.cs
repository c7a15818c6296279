using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>The voters in force are those of the newest record in the log, appended or read, cut or restarted.</summary>
internal sealed class VotersFollowLog(History history) : Invariant(history)
{
    public override void Sending(SimulatedNode node, RaftMessage message)
    {
        // Between two Readies the core is ahead of the disk.
        if (message is not FetchRequest || node.Raft is not { HasReady: false } raft || raft.EndOffset != node.Disk.EndOffset) return;
        var expected = node.Disk.LatestVoters?.Voters ?? node.StaticVoters;
        if (ReferenceEquals(raft.Voters, expected)) return;
        Check(raft.Voters.ToString() == expected.ToString(), $"Node {node.Id} counts {raft.Voters}, its log says {expected}.");
    }
}
