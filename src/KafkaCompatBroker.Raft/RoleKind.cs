namespace KafkaCompatBroker.Raft;

/// <summary>
/// The roles of a node. An observer is no role of its own: it is an unattached node or a follower that the current voter set does not name,
/// and it may become a voter, or cease to be one, with the next voters record.
/// </summary>
public enum RoleKind
{
    /// <summary>Knows an epoch but no leader that answers.</summary>
    Unattached,

    /// <summary>Pulls the log from a leader.</summary>
    Follower,

    /// <summary>Sounds out whether it could win an election (KIP-996), in the epoch it has.</summary>
    Prospective,

    /// <summary>Stands for election in a new epoch.</summary>
    Candidate,

    /// <summary>Leads the epoch.</summary>
    Leader,

    /// <summary>Has led the epoch and tells the others that it does so no longer.</summary>
    Resigned,
}
