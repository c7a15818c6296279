namespace KafkaCompatBroker.Raft;

/// <summary>What can be wrong with a quorum request; the transport maps each to Kafka's error of that name.</summary>
public enum RaftError
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>FENCED_LEADER_EPOCH: the sender is behind; the answer holds the current epoch and leader.</summary>
    FencedLeaderEpoch,

    /// <summary>UNKNOWN_LEADER_EPOCH: the sender knows an epoch that this node has not heard of.</summary>
    UnknownLeaderEpoch,

    /// <summary>NOT_LEADER_OR_FOLLOWER: only the leader can do this; the answer holds the leader if it is known.</summary>
    NotLeaderOrFollower,

    /// <summary>INCONSISTENT_VOTER_SET: a second leader in one epoch, or a message from one that cannot be the leader.</summary>
    InconsistentVoterSet,

    /// <summary>INVALID_VOTER_KEY: the request was meant for a replica that this node is not (KIP-853).</summary>
    InvalidVoterKey,

    /// <summary>INVALID_REQUEST: the request contradicts itself.</summary>
    InvalidRequest,

    /// <summary>SNAPSHOT_NOT_FOUND: the leader has no such snapshot, or not any more.</summary>
    SnapshotNotFound,

    /// <summary>POSITION_OUT_OF_RANGE: a snapshot was asked for at a place where it has no bytes.</summary>
    PositionOutOfRange,

    /// <summary>REQUEST_TIMED_OUT: the voters cannot be changed now, or the change was not committed in time; it may still be.</summary>
    RequestTimedOut,

    /// <summary>UNSUPPORTED_VERSION: the voters are configuration; they stand in the log only from kraft.version 1 on.</summary>
    UnsupportedVersion,

    /// <summary>DUPLICATE_VOTER: there is a voter with that id.</summary>
    DuplicateVoter,

    /// <summary>VOTER_NOT_FOUND: no such replica votes, or it is the last one.</summary>
    VoterNotFound,

    /// <summary>INVALID_UPDATE_VERSION: kraft.version cannot go there.</summary>
    InvalidUpdateVersion,

    /// <summary>The transport got no answer: a lost connection or a time-out.</summary>
    Disconnected,
}
