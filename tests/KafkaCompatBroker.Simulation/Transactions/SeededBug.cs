namespace KafkaCompatBroker.Simulation.Transactions;

/// <summary>Bugs that a run may have on purpose, to show that the invariants can fail.</summary>
internal enum SeededBug
{
    None,

    /// <summary>Clients are answered although nothing was appended to the coordinator's log.</summary>
    AnswersBeforeTheLog,

    /// <summary>Partitions take markers of the epoch that is open.</summary>
    LateMarkersCount,

    /// <summary>Partitions take first records without the coordinator's word.</summary>
    NobodyVerifies,

    /// <summary>Partitions take records of fenced producers.</summary>
    OldEpochsMayWrite,

    /// <summary>Partitions do not know a batch again.</summary>
    ForgetsSequences,

    /// <summary>A transaction is completed when one of its partitions has its marker.</summary>
    CompletesTooEarly,

    /// <summary>No transaction runs out of time.</summary>
    NobodyWatchesTheClock,

    /// <summary>A new coordinator does not resume what is prepared.</summary>
    ForgetsPrepared,
}
