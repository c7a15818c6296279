using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>
/// A leader serves only who follows it in the same epoch (KIP-595). Records would not be lost by more than that, for a position of an earlier
/// epoch is below what a leader may commit; but a leader that nobody follows any more would hold itself for followed.
/// </summary>
internal sealed class FetchesOfOneEpoch(History history) : Invariant(history)
{
    private readonly Dictionary<long, int> _epochs = [];

    public override void Received(SimulatedNode node, RaftMessage request)
    {
        switch (request)
        {
            case FetchRequest fetch: _epochs[fetch.CorrelationId] = fetch.Epoch; break;
            case FetchSnapshotRequest fetch: _epochs[fetch.CorrelationId] = fetch.Epoch; break;
        }
    }

    public override void Sending(SimulatedNode node, RaftMessage message)
    {
        if (message is not (FetchResponse or FetchSnapshotResponse)) return;
        var answer = (RaftResponse)message;
        if (!_epochs.Remove(answer.CorrelationId, out var epoch)) return;
        Check(answer.Error != RaftError.None || answer.Epoch == epoch, $"The leader {node.Id} of epoch {answer.Epoch} serves a fetch of epoch {epoch}.");
    }
}
