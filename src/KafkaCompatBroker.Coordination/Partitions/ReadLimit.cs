namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>The end up to which a reader may see a partition.</summary>
public enum ReadLimit
{
    /// <summary>Consumers that read uncommitted data.</summary>
    HighWatermark,

    /// <summary>Consumers that read committed data only (KIP-98).</summary>
    LastStableOffset,

    /// <summary>Followers and debugging consumers (replica id -2).</summary>
    LogEnd,
}
