using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>What a follower does with the leader's answer about one partition.</summary>
public enum FollowerStepKind
{
    /// <summary>Appends the records if there are any, then takes over the high watermark and the log start offset.</summary>
    Append,

    /// <summary>Cuts what the leader does not have (KIP-595): see <see cref="FollowerTruncation.Target"/>.</summary>
    Truncate,

    /// <summary>Asks the leader for its first and its next offset: the copy ends outside of its log.</summary>
    FindOffsets,

    /// <summary>Nothing: the partition rests for a while after an error.</summary>
    Rest,
}

/// <summary>One partition of a leader's answer.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Replica">The replica.</param>
/// <param name="Answer">What the leader said; its records are valid as long as its frame.</param>
public readonly record struct FollowerStep(FollowerStepKind Kind, FollowedReplica Replica, FetchResponse.PartitionData Answer);
