using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>An epoch has one leader at most, across crashes.</summary>
internal sealed class ElectionSafety(History history) : Invariant(history)
{
    private readonly Dictionary<int, int> _leaders = [];
    private readonly Dictionary<int, int> _processes = [];

    public override void RoleChanged(SimulatedNode node, RoleKind? before)
    {
        // A sole voter elects itself in memory; what ends before it is written has not happened.
        if (node.Raft!.Role != RoleKind.Leader || node.Disk.State?.LeaderEpoch != node.Raft.Epoch) return;
        Note(node.Raft.Epoch, node.Id);
    }

    public override void Publishing(SimulatedNode node, long highWatermark)
    {
        // A sole voter that ends before it has written its epoch may lead it again.
        if (node.Raft is not { Role: RoleKind.Leader } leader || node.Disk.State is not { } state || state.LeaderEpoch != leader.Epoch) return;
        if (!_processes.TryAdd(leader.Epoch, node.Process)) Check(_processes[leader.Epoch] == node.Process, $"Node {node.Id} leads epoch {leader.Epoch} again after a restart.");
    }

    public override void Sending(SimulatedNode node, RaftMessage message)
    {
        if (node.Disk.State is { LeaderId: >= 0 } state) Note(state.LeaderEpoch, state.LeaderId);
    }

    private void Note(int epoch, int leader)
    {
        if (!_leaders.TryAdd(epoch, leader)) Check(_leaders[epoch] == leader, $"Epoch {epoch} was led by {_leaders[epoch]} and is led by {leader}.");
    }
}
