using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>Being sounded out in its own epoch changes neither a node's epoch nor its role nor its vote (KIP-996).</summary>
internal sealed class PreVoteChangesNothing(History history) : Invariant(history)
{
    private (int Epoch, RoleKind Role)? _before;

    public override void Received(SimulatedNode node, RaftMessage request) =>
        _before = request is VoteRequest { PreVote: true } vote && vote.Epoch <= node.Raft!.Epoch && node.Raft.Role != RoleKind.Leader ? (node.Raft.Epoch, node.Raft.Role) : null;

    public override void TakenIn(SimulatedNode node)
    {
        if (_before is { } before && node.Raft is { } raft) Check(before == (raft.Epoch, raft.Role), $"Node {node.Id} was {before} and is {raft.Role} of {raft.Epoch} after a pre-vote.");
    }
}
