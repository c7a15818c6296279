namespace KafkaCompatBroker.Protocol.Records;

/// <summary>What the timestamps of a batch say (KIP-32).</summary>
public enum TimestampType
{
    /// <summary>Messages of magic 0 have no timestamp.</summary>
    None = -1,

    /// <summary>When the producer created the record.</summary>
    CreateTime = 0,

    /// <summary>When the leader appended the batch; it replaces the timestamps of all its records.</summary>
    LogAppendTime = 1,
}
