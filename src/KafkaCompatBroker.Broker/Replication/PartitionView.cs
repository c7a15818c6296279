using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>The offsets of a partition at one moment, seen under its lock.</summary>
public readonly struct PartitionView
{
    public required ErrorCode Error { get; init; }

    /// <summary>Broker id of the leader, -1 when there is none.</summary>
    public required int Leader { get; init; }

    public required int LeaderEpoch { get; init; }

    /// <summary>False while a new leader does not know how far the old one had committed.</summary>
    public required bool IsHighWatermarkKnown { get; init; }

    public required long LogStartOffset { get; init; }

    public required long LogEndOffset { get; init; }

    public required long HighWatermark { get; init; }

    public required long LastStableOffset { get; init; }

    /// <summary>Broker ids of the in-sync replicas.</summary>
    public required IReadOnlyList<int> InSync { get; init; }

    /// <summary>The first offset that this reader may not see.</summary>
    public required long EndOffset { get; init; }

    /// <summary>Running total of bytes that this reader may see, for parking.</summary>
    public required long ReadableBytes { get; init; }

    /// <summary>Where the reader should rather read (KIP-392), -1 when here.</summary>
    public required int NearestReplica { get; init; }

    /// <summary>Looks at a partition; called under its lock.</summary>
    public static PartitionView Of(PartitionLeader leader, ErrorCode error, ReadLimit limit, NearbyReader? reader = null, long offset = 0) => new()
    {
        Error = error,
        Leader = leader.Assignment.Leader,
        LeaderEpoch = leader.LeaderEpoch,
        IsHighWatermarkKnown = !leader.IsLeader || leader.IsHighWatermarkKnown,
        LogStartOffset = leader.LogStartOffset,
        LogEndOffset = leader.LogEndOffset,
        HighWatermark = leader.HighWatermark,
        LastStableOffset = leader.LastStableOffset,
        InSync = leader.Assignment.Isr,
        EndOffset = leader.EndOffset(limit),
        ReadableBytes = leader.ReadableBytes(limit),
        NearestReplica = reader is null || error != ErrorCode.None ? -1 : leader.NearestReplica(reader, offset),
    };
}
