using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>Whoever is elected has everything that was committed in earlier epochs.</summary>
internal sealed class LeaderCompleteness(History history) : Invariant(history)
{
    public override void RoleChanged(SimulatedNode node, RoleKind? before)
    {
        var raft = node.Raft!;
        if (raft.Role != RoleKind.Leader || raft.Epoch <= Committed.PublishedEpoch || Committed.EndOffset == 0) return;
        var end = Committed.End;
        var isThere = node.Disk.NewestSnapshot is { } snapshot && snapshot.Id.Offset >= end.Offset || node.Disk.EpochAt(end.Offset - 1) == end.Epoch;
        Check(isThere, $"Node {node.Id} leads epoch {raft.Epoch} without {end}, which is committed; its log ends at {node.Disk.EndOffset}.");
    }
}
