namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>How far a follower's copy reaches.</summary>
/// <param name="LogStartOffset">First offset that exists in it.</param>
/// <param name="LogEndOffset">Offset of the next record.</param>
/// <param name="LastEpoch">Leader epoch of its end, -1 when it knows none.</param>
public readonly record struct FollowerPosition(long LogStartOffset, long LogEndOffset, int LastEpoch);
