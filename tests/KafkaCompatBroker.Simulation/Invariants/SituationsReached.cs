using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>No invariant: notes which of the situations that matter the history gets into.</summary>
internal sealed class SituationsReached(History history) : Invariant(history)
{
    private Coverage Coverage => History.Coverage;

    public override void Sending(SimulatedNode node, RaftMessage message)
    {
        switch (message)
        {
            case FetchResponse { Diverging: not null }: Coverage.Reach(Point.DivergingEpoch); break;
            case VoteResponse { Error: RaftError.InvalidVoterKey }: Coverage.Reach(Point.VoteForOtherDirectory); break;
            case VoteResponse { Error: RaftError.None, Granted: false } when node.Raft is { Role: RoleKind.Follower or RoleKind.Leader }: Coverage.Reach(Point.PreVoteRefused); break;
            case VoteResponse { Error: RaftError.None, Granted: false }: Coverage.Reach(Point.VoteRefused); break;
            case AddVoterResponse { Error: RaftError.None, Destination: >= 0 }: Coverage.Reach(Point.JoinedByItself); break;
            case UpdateVoterResponse { Error: RaftError.None } when node.Raft is { AreVotersRecorded: true }: Coverage.Reach(Point.VoterUpdated); break;
        }
    }

    public override void Truncating(SimulatedNode node, long endOffset)
    {
        var cut = node.Disk.Log.Where(entry => entry.BaseOffset >= endOffset).ToList();
        if (cut.Select(entry => entry.Epoch).Distinct().Count() > 1) Coverage.Reach(Point.DivergedOverSeveralEpochs);
        if (cut.Any(entry => entry.Control is VotersChange)) Coverage.Reach(Point.VoterChangeTruncated);
    }

    public override void RoleChanged(SimulatedNode node, RoleKind? before)
    {
        var raft = node.Raft!;
        if (raft.Role == RoleKind.Leader)
        {
            if (History.Nodes.Any(other => other != node && other.Raft is { Role: RoleKind.Leader })) Coverage.Reach(Point.TwoLeaders);
            if (node.PublishedHighWatermark < Committed.EndOffset) Coverage.Reach(Point.LeaderBehindCommitted);
            if (node.Disk.EndOffset > Committed.EndOffset) Coverage.Reach(Point.EarlierEpochCommitted);
        }
        if (before != RoleKind.Leader || raft.Role != RoleKind.Resigned) return;
        Coverage.Reach(raft.Voters.Contains(node.Key) ? Point.CheckQuorumResigned : Point.LeaderRemovedItself);
    }
}
