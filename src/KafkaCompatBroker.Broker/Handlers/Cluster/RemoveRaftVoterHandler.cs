using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// RemoveRaftVoter (81): takes a voter out of the quorum (KIP-853). INCONSISTENT_CLUSTER_ID for another cluster, UNSUPPORTED_VERSION while the
/// voters are configuration, VOTER_NOT_FOUND for another replica and for the last one, REQUEST_TIMED_OUT while another change is under
/// way, NOT_LEADER_OR_FOLLOWER elsewhere than at the leader. All versions alike.
/// </summary>
public sealed class RemoveRaftVoterHandler(MetadataLog log, ClusterView cluster) : IRequestHandler<RemoveRaftVoterRequest, RemoveRaftVoterResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.RemoveRaftVoter);

    public async ValueTask<RemoveRaftVoterResponse> HandleAsync(RequestContext context, RemoveRaftVoterRequest request, CancellationToken token)
    {
        if (request.ClusterId is { } id && id != cluster.ClusterId)
        {
            return new RemoveRaftVoterResponse
            {
                ErrorCode = ErrorCode.InconsistentClusterId,
                ErrorMessage = $"The given id \"{id}\" doesn't match the cluster id \"{cluster.ClusterId}\"",
            };
        }

        try
        {
            return VoterMessages.ToWire((RemoveVoterResponse)await log.AskAsync(asked => VoterMessages.FromWire(request, asked, cluster.NodeId)).WaitAsync(token).ConfigureAwait(false));
        }
        catch (NotLeaderException cause)
        {
            return new RemoveRaftVoterResponse { ErrorCode = ErrorCode.BrokerNotAvailable, ErrorMessage = cause.Message };
        }
    }
}
