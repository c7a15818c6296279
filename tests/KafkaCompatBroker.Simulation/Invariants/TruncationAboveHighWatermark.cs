using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>No node takes back what it has published, nor what it holds of the committed log; a leader takes nothing back.</summary>
internal sealed class TruncationAboveHighWatermark(History history) : Invariant(history)
{
    public override void Truncating(SimulatedNode node, long endOffset)
    {
        Check(endOffset >= node.PublishedHighWatermark, $"Node {node.Id} cuts to {endOffset} below what it published, {node.PublishedHighWatermark}.");
        Check(node.Raft!.Role != RoleKind.Leader, $"Node {node.Id} cuts its log as the leader of epoch {node.Raft.Epoch}.");
        foreach (var entry in node.Disk.Log)
        {
            if (entry.BaseOffset < endOffset) continue;
            Check(Committed.At(entry.BaseOffset) is not { } committed || !CommittedLog.IsSame(committed, entry), $"Node {node.Id} cuts the committed batch {entry.BaseOffset}@{entry.Epoch}.");
        }
    }

    public override void Resetting(SimulatedNode node, LogPosition snapshot)
    {
        Check(snapshot.Offset >= node.PublishedHighWatermark, $"Node {node.Id} replaces its log by {snapshot}, below what it published, {node.PublishedHighWatermark}.");
        Check(node.Raft!.Role != RoleKind.Leader, $"Node {node.Id} replaces its log as the leader of epoch {node.Raft.Epoch}.");
        Check(node.Disk.FindSnapshot(snapshot) is not null, $"Node {node.Id} replaces its log by {snapshot}, which it does not have.");
        Check(snapshot.Offset <= Committed.EndOffset, $"Node {node.Id} replaces its log by {snapshot}, but only {Committed.EndOffset} is committed.");
    }
}
