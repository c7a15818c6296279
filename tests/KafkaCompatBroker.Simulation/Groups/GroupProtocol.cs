namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>What the members of a history's group speak.</summary>
public enum GroupProtocol
{
    /// <summary>JoinGroup and SyncGroup.</summary>
    Classic,

    /// <summary>ConsumerGroupHeartbeat (KIP-848).</summary>
    Consumer,

    /// <summary>Both, so that the group changes between the two.</summary>
    Mixed,
}
