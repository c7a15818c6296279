namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>How far a member is on its way to the target assignment; the numbers are those of the log.</summary>
internal enum MemberState : sbyte
{
    /// <summary>It has what the target of its epoch gives it.</summary>
    Stable = 0,

    /// <summary>It has to give up partitions and has not said that it did.</summary>
    UnrevokedPartitions = 1,

    /// <summary>It waits for partitions that others have not given up.</summary>
    UnreleasedPartitions = 2,

    /// <summary>A state of a later version of Kafka.</summary>
    Unknown = 127,
}
