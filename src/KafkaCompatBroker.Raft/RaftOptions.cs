namespace KafkaCompatBroker.Raft;

/// <summary>Who the node is, and the timing of the quorum. Defaults are those of Kafka's controller.quorum.* properties.</summary>
/// <param name="Local">This node's id and the directory id of its metadata log.</param>
public sealed record RaftOptions(ReplicaKey Local)
{
    /// <summary>How long a voter waits for votes, or for news of a leader, before it starts an election; jitter of up to as much is added.</summary>
    public int ElectionTimeoutMs { get; init; } = 1000;

    /// <summary>Longest pause of a candidate that lost before it tries again.</summary>
    public int ElectionBackoffMaxMs { get; init; } = 1000;

    /// <summary>A follower that has had no answer from its leader for so long stops following it.</summary>
    public int FetchTimeoutMs { get; init; } = 2000;

    /// <summary>How long the leader holds a fetch that has nothing to get.</summary>
    public int FetchWaitMs { get; init; } = 500;

    /// <summary>Most bytes of log in one fetch answer; one batch is always allowed.</summary>
    public int FetchBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>A request that has had no answer for so long is given up.</summary>
    public int RequestTimeoutMs { get; init; } = 2000;

    /// <summary>Made-up negative ids of the nodes that may know the leader when no voter is known or answers (KIP-853).</summary>
    public IReadOnlyList<int> BootstrapIds { get; init; } = [];

    /// <summary>Pause after a failed request to one node.</summary>
    public int RetryBackoffMs { get; init; } = 20;

    /// <summary>Where this node listens as a controller, the default listener first; empty on a node that cannot be a voter.</summary>
    public IReadOnlyList<VoterEndpoint> Endpoints { get; init; } = [];

    /// <summary>Lowest kraft.version that this node can run.</summary>
    public short KRaftVersionMin { get; init; }

    /// <summary>Highest kraft.version that this node can run.</summary>
    public short KRaftVersionMax { get; init; } = 1;

    /// <summary>controller.quorum.auto.join.enable: a controller that does not vote asks the leader to change that (KIP-1186).</summary>
    public bool JoinsByItself { get; init; }

    /// <summary>What a voters record should say of this node.</summary>
    public Voter AsVoter => new(Local, Endpoints, KRaftVersionMin, KRaftVersionMax);
}
