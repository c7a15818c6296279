using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>How a leader may be chosen.</summary>
internal enum ElectionKind
{
    /// <summary>Keep the leader if it can stay, else choose among replicas that have everything.</summary>
    Online,

    /// <summary>Give leadership back to the first replica if it is in sync.</summary>
    Preferred,

    /// <summary>Take any live replica when no better one is left; acknowledged records may be lost.</summary>
    Unclean,
}

/// <summary>
/// Makes the record that moves a partition to new in-sync replicas or a new leader, and keeps eligible leader replicas
/// (KIP-966). Null when nothing would change.
/// </summary>
internal sealed class PartitionTransition(MetadataImage image, Uuid topicId, int index, PartitionImage partition, int minInSyncReplicas)
{
    private const sbyte Recovering = 1;

    /// <summary>In-sync replicas wanted; the present ones if not set.</summary>
    public int[] TargetIsr { get; init; } = partition.Isr;

    public int[] TargetReplicas { get; init; } = partition.Replicas;

    public int[] TargetRemoving { get; init; } = partition.RemovingReplicas;

    public int[] TargetAdding { get; init; } = partition.AddingReplicas;

    public ElectionKind Election { get; init; }

    /// <summary>A broker that counts as down although the image says otherwise; -1 for none.</summary>
    public int LeavingBroker { get; init; } = -1;

    /// <summary>A broker that counts as up although the image says otherwise; -1 for none.</summary>
    public int ComingBroker { get; init; } = -1;

    /// <summary>A broker that may have lost its last writes; -1 for none.</summary>
    public int DoubtfulBroker { get; init; } = -1;

    /// <summary>Recovery state that the leader reports; null keeps it.</summary>
    public sbyte? TargetRecoveryState { get; init; }

    /// <summary>The record, or null when nothing changes.</summary>
    public PartitionChangeRecord? Build()
    {
        bool keepsElr = image.HasEligibleLeaderReplicas;
        int[] isr = TargetIsr;
        int[] elr = keepsElr ? EligibleAfter(isr) : [];
        (int leader, int[] electedIsr, bool isUnclean) = Elect(isr, elr);
        isr = electedIsr;
        if (!keepsElr && isr.Length == 0) isr = partition.Isr;
        if (keepsElr) elr = isr.Length >= minInSyncReplicas ? [] : [.. elr.Where(id => !isr.Contains(id))];
        int[] lastKnown = !keepsElr || leader != PartitionImage.NoLeader ? []
            : partition.Leader != PartitionImage.NoLeader ? [partition.Leader] : partition.LastKnownElr;
        var record = new PartitionChangeRecord { PartitionId = index, TopicId = topicId };
        bool changes = Set(TargetReplicas, partition.Replicas, value => record.Replicas = value);
        changes |= Set(TargetRemoving, partition.RemovingReplicas, value => record.RemovingReplicas = value);
        changes |= Set(TargetAdding, partition.AddingReplicas, value => record.AddingReplicas = value);
        changes |= Set(isr, partition.Isr, value => record.Isr = value);
        if (keepsElr)
        {
            changes |= Set(elr, partition.EligibleLeaderReplicas, value => record.EligibleLeaderReplicas = value);
            changes |= Set(lastKnown, partition.LastKnownElr, value => record.LastKnownElr = value);
        }

        // Replicas that are taken away must not go on as if they were still followers.
        if (leader != partition.Leader || partition.Replicas.Any(id => !TargetReplicas.Contains(id)))
        {
            record.Leader = leader;
            changes = true;
        }

        sbyte recovery = isUnclean ? Recovering : TargetRecoveryState ?? partition.LeaderRecoveryState;
        if (recovery != partition.LeaderRecoveryState)
        {
            record.LeaderRecoveryState = recovery;
            changes = true;
        }

        if (record.Replicas is not null) record.Directories = DirectoriesFor(record.Replicas);
        return changes ? record : null;
    }

    private static bool Set(int[] wanted, int[] present, Action<int[]> set)
    {
        if (wanted.AsSpan().SequenceEqual(present)) return false;
        set(wanted);
        return true;
    }

    private bool IsUp(int broker) => (broker == ComingBroker || (broker != LeavingBroker && image.IsActive(broker))) && HasDirectory(broker);

    // A broker that works may have lost the log directory of this replica (KIP-858).
    private bool HasDirectory(int broker)
    {
        int at = Array.IndexOf(partition.Replicas, broker);
        return at < 0 || at >= partition.Directories.Length || image.HasDirectory(broker, partition.Directories[at]);
    }

    // Replicas that left the ISR only because too few were left still have all that was acknowledged.
    private int[] EligibleAfter(int[] isr)
    {
        if (isr.Length >= minInSyncReplicas) return [];
        int[] candidates = [.. partition.EligibleLeaderReplicas.Concat(partition.Isr).Where(id => !isr.Contains(id) && TargetReplicas.Contains(id)).Distinct()];
        return [.. candidates.Where(id => id != DoubtfulBroker)];
    }

    private (int Leader, int[] Isr, bool IsUnclean) Elect(int[] isr, int[] elr)
    {
        bool canStay = partition.Leader != PartitionImage.NoLeader && isr.Contains(partition.Leader) && IsUp(partition.Leader) && TargetReplicas.Contains(partition.Leader);
        if (Election == ElectionKind.Preferred && isr.Contains(TargetReplicas[0]) && IsUp(TargetReplicas[0])) return (TargetReplicas[0], isr, false);
        if (canStay) return (partition.Leader, isr, false);
        foreach (int broker in TargetReplicas)
            if (isr.Contains(broker) && IsUp(broker)) return (broker, isr, false);
        foreach (int broker in TargetReplicas)
            if (isr.Length == 0 && elr.Contains(broker) && IsUp(broker)) return (broker, [broker], false);

        // Nobody is sure to have everything: the one that led last has most (KIP-966).
        if (image.HasEligibleLeaderReplicas && isr.Length == 0 && elr.Length == 0 && partition.LastKnownElr is [var last] && IsUp(last))
            return (last, [last], true);
        if (Election == ElectionKind.Unclean)
            foreach (int broker in TargetReplicas)
                if (IsUp(broker)) return (broker, [broker], true);
        return (PartitionImage.NoLeader, isr, false);
    }

    private Uuid[] DirectoriesFor(int[] replicas) =>
    [
        .. replicas.Select(broker =>
        {
            int at = Array.IndexOf(partition.Replicas, broker);
            return at >= 0 && at < partition.Directories.Length ? partition.Directories[at] : ReplicaPlacement.DefaultDirectoryOf(image, broker);
        }),
    ];
}
