namespace KafkaCompatBroker.Raft;

/// <summary>The leader's view of the quorum, for DescribeQuorum.</summary>
/// <param name="LeaderId">The leader, -1 when this node does not know it.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="HighWatermark">Offset below which everything is committed, -1 before the leader knows.</param>
/// <param name="VoterSet">The voters and their endpoints.</param>
/// <param name="Voters">Progress of every voter; empty on a node that does not lead.</param>
/// <param name="Observers">Progress of replicas that fetch without a vote and were heard of lately.</param>
public sealed record QuorumDescription(
    int LeaderId,
    int Epoch,
    long HighWatermark,
    VoterSet VoterSet,
    IReadOnlyList<ReplicaProgress> Voters,
    IReadOnlyList<ReplicaProgress> Observers);
