using KafkaCompatBroker.Coordination.Partitions;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>The part of a fetch that is the same for all its partitions.</summary>
/// <param name="ReplicaId">Broker id of a follower; -1 for consumers, -2 for debugging consumers.</param>
/// <param name="Limit">How far the fetcher may see.</param>
/// <param name="MustLead">Whether only the leader may answer: followers and consumers older than KIP-392.</param>
/// <param name="BytesMin">Answer once this many bytes are there.</param>
/// <param name="BytesMax">Most bytes of all partitions; the first batch may exceed it.</param>
/// <param name="NowMs">When the request came, in milliseconds since 1970.</param>
public readonly record struct FetchParameters(int ReplicaId, ReadLimit Limit, bool MustLead, int BytesMin, int BytesMax, long NowMs)
{
    public bool IsFollower => ReplicaId >= 0;

    /// <summary>The broker epoch that a follower names, -1 when it does not (KIP-903).</summary>
    public long ReplicaEpoch { get; init; } = -1;

    /// <summary>Holds back followers that lag; null for consumers.</summary>
    public ReplicationThrottle? Throttle { get; init; }

    /// <summary>A consumer that may be sent to a replica in its rack; null for others.</summary>
    public NearbyReader? Nearby { get; init; }

    /// <summary>What the metadata says about a follower.</summary>
    public FollowerStanding Follower { get; init; }
}
