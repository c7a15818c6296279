using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The meaning of a PartitionChangeRecord.</summary>
internal static class PartitionChanges
{
    /// <summary>In a record: the leader stays.</summary>
    public const int SameLeader = -2;

    private const sbyte SameRecoveryState = -1;

    /// <summary>The partition after the change. Every change raises the partition epoch; a named leader raises the leader epoch.</summary>
    public static PartitionImage Apply(PartitionImage before, PartitionChangeRecord change) => before with
    {
        Replicas = change.Replicas ?? before.Replicas,
        Directories = change.Directories ?? before.Directories,
        Isr = change.Isr ?? before.Isr,
        RemovingReplicas = change.RemovingReplicas ?? before.RemovingReplicas,
        AddingReplicas = change.AddingReplicas ?? before.AddingReplicas,
        EligibleLeaderReplicas = change.EligibleLeaderReplicas ?? before.EligibleLeaderReplicas,
        LastKnownElr = change.LastKnownElr ?? before.LastKnownElr,
        Leader = change.Leader == SameLeader ? before.Leader : change.Leader,
        LeaderEpoch = change.Leader == SameLeader ? before.LeaderEpoch : before.LeaderEpoch + 1,
        LeaderRecoveryState = change.LeaderRecoveryState == SameRecoveryState ? before.LeaderRecoveryState : change.LeaderRecoveryState,
        PartitionEpoch = before.PartitionEpoch + 1,
    };
}
