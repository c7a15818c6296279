namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>What protocol the members of a group speak. The names are those of ListGroups.</summary>
public enum GroupKind
{
    /// <summary>Members join, a leader assigns (JoinGroup, SyncGroup).</summary>
    Classic,

    /// <summary>The coordinator assigns (KIP-848).</summary>
    Consumer,

    /// <summary>Members share partitions record by record (KIP-932).</summary>
    Share,

    /// <summary>Members run the tasks of a topology (KIP-1071).</summary>
    Streams,
}
