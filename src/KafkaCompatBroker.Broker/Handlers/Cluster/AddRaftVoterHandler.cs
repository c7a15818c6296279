using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// AddRaftVoter (80): makes a controller that has caught up a voter (KIP-853). INCONSISTENT_CLUSTER_ID for another cluster,
/// UNSUPPORTED_VERSION while the voters are configuration, DUPLICATE_VOTER for an id that votes, REQUEST_TIMED_OUT when it lags or another
/// change is under way, NOT_LEADER_OR_FOLLOWER elsewhere than at the leader. v1+: may be answered before the commit (KIP-1186).
/// </summary>
public sealed class AddRaftVoterHandler(MetadataLog log, ClusterView cluster) : IRequestHandler<AddRaftVoterRequest, AddRaftVoterResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AddRaftVoter);

    public async ValueTask<AddRaftVoterResponse> HandleAsync(RequestContext context, AddRaftVoterRequest request, CancellationToken token)
    {
        if (request.ClusterId is { } id && id != cluster.ClusterId)
        {
            return new AddRaftVoterResponse
            {
                ErrorCode = ErrorCode.InconsistentClusterId,
                ErrorMessage = $"The given id \"{id}\" doesn't match the cluster id \"{cluster.ClusterId}\"",
            };
        }

        try
        {
            return VoterMessages.ToWire((AddVoterResponse)await log.AskAsync(asked => VoterMessages.FromWire(request, asked, cluster.NodeId)).WaitAsync(token).ConfigureAwait(false));
        }
        catch (NotLeaderException cause)
        {
            return new AddRaftVoterResponse { ErrorCode = ErrorCode.BrokerNotAvailable, ErrorMessage = cause.Message };
        }
    }
}
