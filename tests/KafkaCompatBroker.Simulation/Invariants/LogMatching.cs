using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>
/// A batch is named by its offset and epoch: wherever it stands, it is the same and follows a batch of the same epoch. So two logs that
/// have it are equal up to it.
/// </summary>
internal sealed class LogMatching(History history) : Invariant(history)
{
    private readonly Dictionary<(long Offset, int Epoch), (RaftEntry Entry, int EpochBefore)> _batches = [];

    public override void Appended(SimulatedNode node, RaftEntry entry)
    {
        var log = node.Disk.Log;
        var epochBefore = log.Count > 1 ? log[^2].Epoch : node.Disk.Start.Epoch;
        Check(epochBefore <= entry.Epoch, $"Node {node.Id} has a batch of epoch {entry.Epoch} at {entry.BaseOffset} after one of {epochBefore}.");
        if (_batches.TryAdd((entry.BaseOffset, entry.Epoch), (entry, epochBefore))) return;
        var (known, knownBefore) = _batches[(entry.BaseOffset, entry.Epoch)];
        Check(CommittedLog.IsSame(known, entry), $"Node {node.Id} has another batch at {entry.BaseOffset}@{entry.Epoch}.");
        Check(knownBefore == epochBefore, $"Node {node.Id} has {entry.BaseOffset}@{entry.Epoch} after epoch {epochBefore}, another node has it after {knownBefore}.");
    }
}
