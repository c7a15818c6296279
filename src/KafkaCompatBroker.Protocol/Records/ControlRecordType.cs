namespace KafkaCompatBroker.Protocol.Records;

/// <summary>What a control record says; the second field of its key.</summary>
public enum ControlRecordType : short
{
    /// <summary>The transaction of the batch's producer was aborted.</summary>
    Abort = 0,

    /// <summary>The transaction of the batch's producer was committed.</summary>
    Commit = 1,

    /// <summary>A leader of the quorum took over (KIP-595).</summary>
    LeaderChange = 2,

    /// <summary>First record of a snapshot (KIP-630).</summary>
    SnapshotHeader = 3,

    /// <summary>Last record of a snapshot (KIP-630).</summary>
    SnapshotFooter = 4,

    /// <summary>The version of the quorum protocol (KIP-853).</summary>
    KRaftVersion = 5,

    /// <summary>The voters of the quorum (KIP-853).</summary>
    KRaftVoters = 6,
}
