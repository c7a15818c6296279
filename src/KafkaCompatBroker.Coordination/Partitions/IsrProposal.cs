namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>One member of proposed in-sync replicas.</summary>
/// <param name="BrokerId">Broker id.</param>
/// <param name="BrokerEpoch">The epoch of the start in which it fetched, -1 when that is not known (KIP-903).</param>
public readonly record struct IsrMember(int BrokerId, long BrokerEpoch);

/// <summary>What a leader asks the controller to make of the in-sync replicas. One proposal of a partition is under way at a time.</summary>
/// <param name="LeaderEpoch">The leader epoch in which it was made.</param>
/// <param name="PartitionEpoch">The partition epoch that it changes.</param>
/// <param name="Members">The in-sync replicas wanted; the epoch of the leader itself is left at -1.</param>
public sealed record IsrProposal(int LeaderEpoch, int PartitionEpoch, IReadOnlyList<IsrMember> Members);
