using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>Nothing leaves a node that its disk would not remember: no epoch, no vote, no records acknowledged.</summary>
internal sealed class PersistedBeforeSent(History history) : Invariant(history)
{
    private readonly Dictionary<(int Epoch, ReplicaKey Voter), ReplicaKey> _votes = [];

    public override void Sending(SimulatedNode node, RaftMessage message)
    {
        var state = node.Disk.State;
        var epoch = message switch
        {
            VoteRequest { PreVote: false } request => request.Epoch,
            VoteResponse { Error: RaftError.None } response => response.Epoch,
            FetchRequest request => request.Epoch,
            _ => 0,
        };
        Check((state?.LeaderEpoch ?? 0) >= epoch, $"Node {node.Id} sends {message} with epoch {state?.LeaderEpoch} on its disk.");
        if (state?.Voted is { } voted) Note(state.LeaderEpoch, node.Key, voted);
        if (message is VoteRequest { PreVote: false } candidacy) Note(candidacy.Epoch, node.Key, candidacy.Candidate);
        if (message is FetchRequest fetch && fetch.Epoch == node.Raft?.Epoch)
            Check(node.Disk.EndOffset >= fetch.Position.Offset, $"Node {node.Id} acknowledges {fetch.Position} with a log that ends at {node.Disk.EndOffset}.");
    }

    private void Note(int epoch, ReplicaKey voter, ReplicaKey candidate)
    {
        if (!_votes.TryAdd((epoch, voter), candidate))
            Check(_votes[(epoch, voter)] == candidate, $"{voter} voted in epoch {epoch} for {_votes[(epoch, voter)]} and for {candidate}.");
    }
}
