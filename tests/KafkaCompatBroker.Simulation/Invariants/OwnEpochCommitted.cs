using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>A leader's first commit ends with a record of its own epoch (Raft, figure 8).</summary>
internal sealed class OwnEpochCommitted(History history) : Invariant(history)
{
    public override void Publishing(SimulatedNode node, long highWatermark)
    {
        if (node.Raft is not { Role: RoleKind.Leader } leader || highWatermark <= Committed.EndOffset || highWatermark <= node.PublishedHighWatermark) return;
        Check(node.Disk.EpochAt(highWatermark - 1) == leader.Epoch, $"The leader {node.Id} of epoch {leader.Epoch} commits up to {highWatermark}, a record of epoch {node.Disk.EpochAt(highWatermark - 1)}.");
    }
}
