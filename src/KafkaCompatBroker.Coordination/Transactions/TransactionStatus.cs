namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>Where a transactional id stands; the numbers are those of the log, the names those of DescribeTransactions.</summary>
public enum TransactionStatus : sbyte
{
    /// <summary>A producer has the id, nothing is open.</summary>
    Empty = 0,

    /// <summary>A transaction is open.</summary>
    Ongoing = 1,

    /// <summary>Commit is decided; markers are being written.</summary>
    PrepareCommit = 2,

    /// <summary>Abort is decided; markers are being written.</summary>
    PrepareAbort = 3,

    /// <summary>Every partition has its commit marker.</summary>
    CompleteCommit = 4,

    /// <summary>Every partition has its abort marker.</summary>
    CompleteAbort = 5,

    /// <summary>The id has expired. Never written; Kafka knows the name, so filters may use it.</summary>
    Dead = 6,

    /// <summary>A producer is being fenced. Never written; Kafka knows the name, so filters may use it.</summary>
    PrepareEpochFence = 7,
}
