using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>One partition as the controller decided it. Immutable: the arrays are never changed after construction.</summary>
public sealed record PartitionImage
{
    /// <summary>The leader of a partition without one.</summary>
    public const int NoLeader = -1;

    /// <summary>Broker ids in order of preference.</summary>
    public required int[] Replicas { get; init; }

    /// <summary>Log directory of each replica, in the order of <see cref="Replicas"/> (KIP-858).</summary>
    public required Uuid[] Directories { get; init; }

    /// <summary>In-sync replicas; may be empty with eligible leader replicas (KIP-966).</summary>
    public required int[] Isr { get; init; }

    public int[] RemovingReplicas { get; init; } = [];

    public int[] AddingReplicas { get; init; } = [];

    /// <summary>Replicas that have everything up to the high watermark although they left the ISR (KIP-966).</summary>
    public int[] EligibleLeaderReplicas { get; init; } = [];

    /// <summary>The leader before the last one was lost; others that left after it.</summary>
    public int[] LastKnownElr { get; init; } = [];

    /// <summary>Broker id, or <see cref="NoLeader"/>.</summary>
    public required int Leader { get; init; }

    /// <summary>0 recovered, 1 recovering after an unclean election (KIP-704).</summary>
    public sbyte LeaderRecoveryState { get; init; }

    public required int LeaderEpoch { get; init; }

    public required int PartitionEpoch { get; init; }

    /// <summary>True while replicas are being added or removed.</summary>
    public bool IsReassigning => RemovingReplicas.Length > 0 || AddingReplicas.Length > 0;
}
