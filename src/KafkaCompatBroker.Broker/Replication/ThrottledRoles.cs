namespace KafkaCompatBroker.Broker.Replication;

/// <summary>The roles of a replica in which operators hold back its copying (KIP-73).</summary>
[Flags]
public enum ThrottledRoles
{
    None = 0,
    Leader = 1,
    Follower = 2,
}
