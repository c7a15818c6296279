using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>A replica that copies a leader in one leader epoch; another epoch makes another object. The shell says how far the copy reaches.</summary>
/// <param name="id">The partition.</param>
/// <param name="topic">Name of its topic.</param>
/// <param name="leaderEpoch">The leader epoch as the metadata log has it.</param>
public abstract class FollowedReplica(TopicIdPartition id, string topic, int leaderEpoch)
{
    /// <summary>The partition.</summary>
    public TopicIdPartition Id { get; } = id;

    /// <summary>Name of its topic.</summary>
    public string Topic { get; } = topic;

    /// <summary>The leader epoch in which it follows.</summary>
    public int LeaderEpoch { get; } = leaderEpoch;

    /// <summary>How far the copy reaches now.</summary>
    public abstract FollowerPosition Position { get; }

    /// <summary>Whether it must wait for a throttle before it asks for more (KIP-73).</summary>
    public virtual bool IsHeldBack => false;

    /// <summary>What the leader was asked last; null when the open session does not hold this replica.</summary>
    internal FollowerPosition? Asked { get; set; }

    /// <summary>It is left out until then, in milliseconds of the caller's clock.</summary>
    internal long RetryAtMs { get; set; } = long.MinValue;
}
