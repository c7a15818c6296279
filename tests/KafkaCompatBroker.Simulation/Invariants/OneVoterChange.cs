using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>A leader appends a voter set only when the one before and a record of its own epoch are committed; two sets differ by one voter.</summary>
internal sealed class OneVoterChange(History history) : Invariant(history)
{
    public override void Appended(SimulatedNode node, RaftEntry entry)
    {
        if (entry.Control is not VotersChange change || node.Raft is not { Role: RoleKind.Leader } leader || leader.Epoch != entry.Epoch) return;
        VoterSet? before = null;
        var own = false;
        foreach (var earlier in node.Disk.Log)
        {
            if (ReferenceEquals(earlier, entry)) break;
            own |= earlier.Epoch == entry.Epoch && earlier.NextOffset <= leader.HighWatermark;
            if (SimulatedDisk.VotersIn(earlier) is not { } found) continue;
            before = found.Voters;
            Check(found.Offset < leader.HighWatermark, $"Node {node.Id} changes the voters at {change.Offset} while the change at {found.Offset} is not committed.");
        }
        own |= node.Disk.NewestSnapshot is { } snapshot && snapshot.Id.Epoch == entry.Epoch;
        Check(own, $"Node {node.Id} changes the voters at {change.Offset} before it has committed a record of epoch {entry.Epoch}.");
        before ??= node.Disk.NewestSnapshot?.Voters;
        if (before is null) return;
        var added = change.Voters.Voters.Count(voter => before.Voters.All(other => other.Key != voter.Key));
        var removed = before.Voters.Count(voter => change.Voters.Voters.All(other => other.Key != voter.Key));
        Check(added + removed <= 1, $"Node {node.Id} goes from {before} to {change.Voters} in one step.");
    }
}
