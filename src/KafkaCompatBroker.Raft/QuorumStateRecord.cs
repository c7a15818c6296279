namespace KafkaCompatBroker.Raft;

/// <summary>
/// What a node must remember of elections through a crash, written and synced before any message that rests on it leaves the node.
/// </summary>
/// <param name="LeaderEpoch">The newest epoch that the node knows.</param>
/// <param name="LeaderId">The leader of that epoch, -1 when not known.</param>
/// <param name="Voted">The replica that got this node's vote in that epoch, if any and if no leader is known.</param>
public sealed record QuorumStateRecord(int LeaderEpoch, int LeaderId, ReplicaKey? Voted)
{
    /// <summary>The leader is not known.</summary>
    public const int NoLeader = -1;
}
