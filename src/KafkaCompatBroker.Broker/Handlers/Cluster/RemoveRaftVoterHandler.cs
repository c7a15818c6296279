using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// RemoveRaftVoter (81): a quorum with static voters cannot shrink: UNSUPPORTED_VERSION (KIP-853). A wrong cluster id is
/// INCONSISTENT_CLUSTER_ID, an unknown voter VOTER_NOT_FOUND, the only voter INVALID_REQUEST. All versions alike.
/// </summary>
public sealed class RemoveRaftVoterHandler(IQuorumView quorum, ClusterView cluster) : IRequestHandler<RemoveRaftVoterRequest, RemoveRaftVoterResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.RemoveRaftVoter);

    public ValueTask<RemoveRaftVoterResponse> HandleAsync(RequestContext context, RemoveRaftVoterRequest request, CancellationToken token)
    {
        (ErrorCode code, string message) = request.ClusterId is { } id && id != cluster.ClusterId
            ? (ErrorCode.InconsistentClusterId, $"The given id \"{id}\" doesn't match the cluster id \"{cluster.ClusterId}\"")
            : quorum.KRaftVersion == 0
                ? (ErrorCode.UnsupportedVersion, "Cluster doesn't support removing voter because the kraft.version feature is 0")
                : quorum.Describe()?.VoterSet.Ids.Contains(request.VoterId) == true
                    ? (ErrorCode.InvalidRequest, "The only voter cannot be removed.")
                    : (ErrorCode.VoterNotFound, $"Cannot remove voter {request.VoterId}: it is not a voter.");
        return ValueTask.FromResult(new RemoveRaftVoterResponse { ErrorCode = code, ErrorMessage = message });
    }
}
