using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>Tells every invariant what happens. The committed log comes first: others compare with it.</summary>
internal sealed class Judge(History history)
{
    private readonly Invariant[] _invariants =
    [
        new ElectionSafety(history),
        new VoteIsKept(history),
        new PersistedBeforeSent(history),
        new LogMatching(history),
        new TruncationAboveHighWatermark(history),
        new CommittedNeverLost(history),
        new LeaderCompleteness(history),
        new OwnEpochCommitted(history),
        new OneVoterChange(history),
        new VotersFollowLog(history),
        new PreVoteChangesNothing(history),
        new FetchesOfOneEpoch(history),
        new EqualImages(history),
        new AcknowledgedIsCommitted(history),
        new SituationsReached(history),
    ];

    public CommittedLog Committed { get; } = new();

    public void Started(SimulatedNode node) => Each(invariant => invariant.Started(node));

    public void Received(SimulatedNode node, RaftMessage request)
    {
        foreach (var invariant in _invariants) invariant.Received(node, request);
    }

    public void TakenIn(SimulatedNode node)
    {
        foreach (var invariant in _invariants) invariant.TakenIn(node);
    }

    public void RoleChanged(SimulatedNode node, RoleKind? before) => Each(invariant => invariant.RoleChanged(node, before));

    public void Writing(SimulatedNode node, QuorumStateRecord state) => Each(invariant => invariant.Writing(node, state));

    public void Sending(SimulatedNode node, RaftMessage message)
    {
        foreach (var invariant in _invariants) invariant.Sending(node, message);
    }

    public void Appended(SimulatedNode node, RaftEntry entry)
    {
        foreach (var invariant in _invariants) invariant.Appended(node, entry);
    }

    public void Truncating(SimulatedNode node, long endOffset) => Each(invariant => invariant.Truncating(node, endOffset));

    public void Resetting(SimulatedNode node, LogPosition snapshot) => Each(invariant => invariant.Resetting(node, snapshot));

    public void Lost(SimulatedNode node) => Each(invariant => invariant.Lost(node));

    public void Publishing(SimulatedNode node, long highWatermark)
    {
        foreach (var invariant in _invariants) invariant.Publishing(node, highWatermark);
    }

    public void Applied(SimulatedNode node)
    {
        foreach (var invariant in _invariants) invariant.Applied(node);
    }

    public void Acknowledged(long endOffset, ReadOnlyMemory<byte> bytes) => Each(invariant => invariant.Acknowledged(endOffset, bytes));

    public void Ended() => Each(invariant => invariant.Ended());

    private void Each(Action<Invariant> tell)
    {
        foreach (var invariant in _invariants) tell(invariant);
    }
}
