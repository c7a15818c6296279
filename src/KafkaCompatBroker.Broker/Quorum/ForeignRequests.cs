using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Requests that the quorum does not take from just anybody, because they would unseat a leader or wear out the epochs. Kafka does, and a
/// forged one ends its process.
/// </summary>
internal static class ForeignRequests
{
    /// <summary>No quorum elects so often; an epoch beyond it is made up, and the next ones would overflow.</summary>
    private const int EpochMax = int.MaxValue / 2;

    /// <summary>The answer to a request that must not reach the core; null for one that may.</summary>
    public static RaftResponse? Refuse(RaftMessage request, RaftNode node) => request switch
    {
        VoteRequest vote when vote.Epoch > EpochMax => new VoteResponse(vote.CorrelationId, vote.Destination, vote.Source, RaftError.InvalidRequest, node.Epoch, node.LeaderId, false),
        VoteRequest vote when IsDisturbance(vote, node) => new VoteResponse(vote.CorrelationId, vote.Destination, vote.Source, RaftError.None, node.Epoch, node.LeaderId, false),
        BeginQuorumEpochRequest begin when Check(begin.Source, begin.Epoch, node) is var error and not RaftError.None =>
            new BeginQuorumEpochResponse(begin.CorrelationId, begin.Destination, begin.Source, error, node.Epoch, node.LeaderId),
        EndQuorumEpochRequest end when Check(end.Source, end.Epoch, node) is var error and not RaftError.None =>
            new EndQuorumEpochResponse(end.CorrelationId, end.Destination, end.Source, error, node.Epoch, node.LeaderId),
        _ => null,
    };

    // A voter that this node does not know yet may be the only one who can lead when there is no leader; while there is one, nobody needs it.
    private static bool IsDisturbance(VoteRequest vote, RaftNode node) =>
        vote.Epoch > node.Epoch && node.Role is (RoleKind.Leader or RoleKind.Follower) && !node.Voters.Ids.Contains(vote.Candidate.Id);

    // A voter set that is behind may lack the leader, but then another voter of it knows that leader, or this node voted for it in this epoch.
    private static RaftError Check(int leaderId, int epoch, RaftNode node) =>
        epoch > EpochMax ? RaftError.InvalidRequest
        : epoch > node.Epoch && node.Voters.Count > 0 && !node.Voters.Ids.Contains(leaderId) ? RaftError.InconsistentVoterSet
        : RaftError.None;
}
