namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>What a follower's fetch says about its copy.</summary>
/// <param name="ReplicaId">Broker id of the follower.</param>
/// <param name="Offset">The offset it asks for: everything below is in its log.</param>
/// <param name="LogStartOffset">Its log start offset.</param>
/// <param name="NowMs">When the fetch came, in milliseconds.</param>
/// <param name="BrokerEpoch">The epoch of this start of the follower, -1 when it does not say (KIP-903).</param>
/// <param name="IsEligible">Whether the broker may enter the in-sync replicas: neither fenced nor shutting down nor of an older start.</param>
public readonly record struct FollowerFetch(
    int ReplicaId, long Offset, long LogStartOffset, long NowMs, long BrokerEpoch = -1, bool IsEligible = true);
