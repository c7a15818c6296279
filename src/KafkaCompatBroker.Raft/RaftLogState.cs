namespace KafkaCompatBroker.Raft;

/// <summary>What a node finds on its disk when it starts. Everything here is durable.</summary>
/// <param name="StartOffset">First offset of the log; above 0 only with a snapshot that ends exactly there.</param>
/// <param name="EndOffset">Offset after the last record.</param>
/// <param name="EpochStarts">First offset of each epoch, ascending.</param>
/// <param name="EarliestSnapshot">Oldest snapshot, null without snapshots.</param>
/// <param name="LatestSnapshot">Newest snapshot, null without snapshots.</param>
/// <param name="RecordedVoters">Voter sets of the newest snapshot (at its offset - 1) and of the log above it, ascending.</param>
public sealed record RaftLogState(
    long StartOffset,
    long EndOffset,
    IReadOnlyList<EpochStart> EpochStarts,
    LogPosition? EarliestSnapshot,
    LogPosition? LatestSnapshot,
    IReadOnlyList<(long Offset, VoterSet Voters)> RecordedVoters);
