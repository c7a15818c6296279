using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>Two state machines that have applied the same offset are equal, through a snapshot or batch by batch.</summary>
internal sealed class EqualImages(History history) : Invariant(history)
{
    private readonly Dictionary<long, ulong> _digests = [];

    public override void Applied(SimulatedNode node) => Compare(node);

    public override void Started(SimulatedNode node) => Compare(node);

    public override void Ended()
    {
        foreach (var node in History.Nodes) Compare(node);
    }

    private void Compare(SimulatedNode node)
    {
        var digest = node.Machine.Digest;
        if (!_digests.TryAdd(node.Applied, digest)) Check(_digests[node.Applied] == digest, $"Node {node.Id} has another image at {node.Applied}.");
    }
}
