namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>Which way a group with members may change between the classic and the consumer protocol (group.consumer.migration.policy).</summary>
[Flags]
public enum GroupMigrationPolicy
{
    /// <summary>Neither way.</summary>
    Disabled = 0,

    /// <summary>From classic to consumer.</summary>
    Upgrade = 1,

    /// <summary>From consumer to classic.</summary>
    Downgrade = 2,

    /// <summary>Both ways.</summary>
    Bidirectional = Upgrade | Downgrade,
}
