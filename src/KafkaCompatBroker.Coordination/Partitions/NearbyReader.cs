namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>A consumer that says where it is and so may be sent to a replica in its own rack (KIP-392).</summary>
/// <param name="Rack">The rack of the consumer.</param>
/// <param name="RackOf">The rack of a broker that the consumer can reach; null for others.</param>
public sealed record NearbyReader(string Rack, Func<int, string?> RackOf);
