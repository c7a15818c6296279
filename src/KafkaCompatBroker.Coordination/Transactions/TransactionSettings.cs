namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>The properties that a transaction coordinator acts on.</summary>
public sealed record TransactionSettings
{
    /// <summary>transaction.max.timeout.ms.</summary>
    public int MaxTimeoutMs { get; init; } = 900_000;

    /// <summary>transactional.id.expiration.ms.</summary>
    public int IdExpirationMs { get; init; } = 604_800_000;

    /// <summary>
    /// transaction.abort.timed.out.transaction.cleanup.interval.ms: time that a producer has to end a transaction which ran out while nobody coordinated it.
    /// </summary>
    public int AbortIntervalMs { get; init; } = 10_000;

    /// <summary>transaction.remove.expired.transaction.cleanup.interval.ms.</summary>
    public int IdExpirationCheckMs { get; init; } = 3_600_000;

    /// <summary>transaction.two.phase.commit.enable: producers may ask for transactions that only they end (KIP-939).</summary>
    public bool AllowsTwoPhaseCommit { get; init; }

    /// <summary>How long a request may wait for the markers of the last transaction before it gets CONCURRENT_TRANSACTIONS.</summary>
    public int ConcurrentWaitMs { get; init; } = 500;
}
