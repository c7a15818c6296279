namespace KafkaCompatBroker.Coordination.Shards;

/// <summary>What the batch of an applied record says of it.</summary>
/// <param name="Offset">Offset of the record in the shard's log.</param>
/// <param name="TimestampMs">Wall-clock time of the record.</param>
/// <param name="ProducerId">Producer of a transactional batch, -1 otherwise; the record counts when its marker commits.</param>
/// <param name="ProducerEpoch">Epoch of that producer, -1 otherwise.</param>
public readonly record struct RecordOrigin(long Offset, long TimestampMs, long ProducerId = -1, short ProducerEpoch = -1)
{
    /// <summary>True for a record of a transaction that is open until its marker.</summary>
    public bool IsTransactional => ProducerId >= 0;
}
