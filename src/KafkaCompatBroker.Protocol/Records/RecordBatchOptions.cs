namespace KafkaCompatBroker.Protocol.Records;

/// <summary>The header of a batch that <see cref="RecordBatchBuilder"/> makes.</summary>
public sealed record RecordBatchOptions
{
    /// <summary>Offset of the first record.</summary>
    public long BaseOffset { get; init; }

    /// <summary>
    /// Offset of the last record when that is not the last one appended: compaction keeps the range of a batch.
    /// </summary>
    public long? LastOffset { get; init; }

    /// <summary>Epoch of the leader; -1 when unknown, as in a batch of a producer.</summary>
    public int PartitionLeaderEpoch { get; init; } = -1;

    /// <summary>How records are compressed.</summary>
    public CompressionType Codec { get; init; }

    /// <summary>Level of the codec as in Kafka's <c>compression.*.level</c>; null for its default.</summary>
    public int? CompressionLevel { get; init; }

    /// <summary>Whether timestamps are the producer's or <see cref="LogAppendTimeMs"/>.</summary>
    public TimestampType TimestampType { get; init; } = TimestampType.CreateTime;

    /// <summary>With <see cref="TimestampType.LogAppendTime"/>: the timestamp of all records, ms since the epoch.</summary>
    public long LogAppendTimeMs { get; init; } = -1;

    /// <summary>Producer id; -1 for none.</summary>
    public long ProducerId { get; init; } = -1;

    /// <summary>Producer epoch; -1 for none.</summary>
    public short ProducerEpoch { get; init; } = -1;

    /// <summary>Sequence number of the first record; -1 for none.</summary>
    public int BaseSequence { get; init; } = -1;

    /// <summary>Whether the records belong to a transaction.</summary>
    public bool IsTransactional { get; init; }

    /// <summary>Whether the records are control records.</summary>
    public bool IsControl { get; init; }

    /// <summary>When tombstones and markers may go, ms since the epoch (KIP-534); null for not set.</summary>
    public long? DeleteHorizonMs { get; init; }
}
