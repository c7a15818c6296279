namespace KafkaCompatBroker.Storage.Policies;

/// <summary>What producer state needs to know of one batch, with its final offsets.</summary>
public readonly record struct ProducerBatch(
    long ProducerId,
    short ProducerEpoch,
    int BaseSequence,
    int LastSequence,
    long BaseOffset,
    long LastOffset,
    long MaxTimestampMs,
    bool IsTransactional,
    EndMarker? Marker);

/// <summary>The end of a transaction as its marker says it.</summary>
public readonly record struct EndMarker(bool IsAbort, int CoordinatorEpoch);

/// <summary>A batch that a producer wrote before, kept to recognise a resend.</summary>
public readonly record struct WrittenBatch(int LastSequence, long LastOffset, int OffsetDelta, long TimestampMs)
{
    public int BaseSequence => (int)((LastSequence - (long)OffsetDelta) & int.MaxValue);

    public long BaseOffset => LastOffset - OffsetDelta;
}

/// <summary>A transaction that a marker has ended on this partition.</summary>
public readonly record struct CompletedTransaction(long ProducerId, long FirstOffset, long LastOffset, bool IsAborted);

/// <summary>What becomes of a batch of an idempotent or transactional producer.</summary>
public enum ProducerVerdict
{
    Accepted,

    /// <summary>Seen before: answered with its first offsets, not appended (KIP-98).</summary>
    Duplicate,

    /// <summary>OUT_OF_ORDER_SEQUENCE_NUMBER.</summary>
    OutOfOrderSequence,

    /// <summary>INVALID_PRODUCER_EPOCH.</summary>
    StaleEpoch,

    /// <summary>INVALID_TXN_STATE: plain data of a producer that has a transaction open.</summary>
    NotTransactional,

    /// <summary>TRANSACTION_COORDINATOR_FENCED: a marker of an older coordinator.</summary>
    StaleCoordinator,

    /// <summary>INVALID_TXN_STATE: the coordinator did not say that the transaction is open, or it has ended since.</summary>
    NotVerified,
}

/// <summary>Who appends; decides which checks of producer state refuse a batch.</summary>
public enum AppendOrigin
{
    /// <summary>A produce request: sequences, epochs and duplicates are checked.</summary>
    Client,

    /// <summary>A coordinator of this broker: epochs are checked.</summary>
    Coordinator,

    /// <summary>The leader's log or recovery: what is there is taken as it is.</summary>
    Replication,
}
