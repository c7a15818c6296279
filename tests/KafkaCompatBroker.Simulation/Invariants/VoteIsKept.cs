using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>On one disk the epoch never goes back, and inside an epoch neither the vote nor the leader is exchanged for another.</summary>
internal sealed class VoteIsKept(History history) : Invariant(history)
{
    public override void Writing(SimulatedNode node, QuorumStateRecord state)
    {
        if (node.Disk.State is not { } before) return;
        Check(state.LeaderEpoch >= before.LeaderEpoch, $"Node {node.Id} goes from epoch {before.LeaderEpoch} back to {state.LeaderEpoch}.");
        if (state.LeaderEpoch != before.LeaderEpoch) return;
        Check(before.LeaderId < 0 || before.LeaderId == state.LeaderId, $"Node {node.Id} exchanges the leader of epoch {state.LeaderEpoch}: {before.LeaderId}, {state.LeaderId}.");
        Check(before.Voted is null || state.Voted is null || before.Voted == state.Voted, $"Node {node.Id} votes for {before.Voted} and {state.Voted} in epoch {state.LeaderEpoch}.");
        Check(before.Voted is null || state.Voted is not null || state.LeaderId >= 0, $"Node {node.Id} forgets its vote of epoch {state.LeaderEpoch}.");
    }
}
