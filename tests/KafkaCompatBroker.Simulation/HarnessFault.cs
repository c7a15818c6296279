namespace KafkaCompatBroker.Simulation;

/// <summary>What a driver that does not keep its side of the contract of <c>Ready</c> does wrong. The simulation must catch each.</summary>
public enum HarnessFault
{
    /// <summary>The driver is right.</summary>
    None,

    /// <summary>The quorum state is written but never synced: votes are forgotten with the power.</summary>
    ForgetsVoteSync,

    /// <summary>Appended batches are never synced.</summary>
    ForgetsLogSync,

    /// <summary>Messages leave before what they rest on is written.</summary>
    SendsBeforeWriting,

    /// <summary>The leader's own copy counts though it was never synced.</summary>
    LeaderCountsWithoutSync,

    /// <summary>The log is synced only when the messages that rest on it have left.</summary>
    SyncsAfterSending,

    /// <summary>A restart takes what the page cache holds for durable.</summary>
    TrustsPageCache,

    /// <summary>A cut of the log is not carried out.</summary>
    SkipsTruncation,

    /// <summary>The quorum state is lost with every restart.</summary>
    LosesQuorumState,

    /// <summary>A snapshot is installed with its last piece missing.</summary>
    InstallsTornSnapshots,

    /// <summary>Records are applied as soon as they are written.</summary>
    AppliesUncommitted,

    /// <summary>An emptied disk keeps its directory id.</summary>
    KeepsDirectoryIdOfWipedDisk,
}
