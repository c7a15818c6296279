using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// AddRaftVoter (80): a quorum with static voters cannot grow: UNSUPPORTED_VERSION (KIP-853). A wrong cluster id is
/// INCONSISTENT_CLUSTER_ID, a voter that is there already DUPLICATE_VOTER. Another node cannot join this quorum of one, so a request
/// for one ends as it would when that node never catches up: REQUEST_TIMED_OUT. All versions alike.
/// </summary>
public sealed class AddRaftVoterHandler(IQuorumView quorum, ClusterView cluster) : IRequestHandler<AddRaftVoterRequest, AddRaftVoterResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AddRaftVoter);

    public ValueTask<AddRaftVoterResponse> HandleAsync(RequestContext context, AddRaftVoterRequest request, CancellationToken token)
    {
        (ErrorCode code, string message) = request.ClusterId is { } id && id != cluster.ClusterId
            ? (ErrorCode.InconsistentClusterId, $"The given id \"{id}\" doesn't match the cluster id \"{cluster.ClusterId}\"")
            : quorum.KRaftVersion == 0
                ? (ErrorCode.UnsupportedVersion, "Cluster doesn't support adding voter because the kraft.version feature is 0")
                : quorum.Describe()?.VoterSet.Ids.Contains(request.VoterId) == true
                    ? (ErrorCode.DuplicateVoter, $"The voter id {request.VoterId} is already part of the set of voters.")
                    : (ErrorCode.RequestTimedOut, $"Voter {request.VoterId} did not catch up with the quorum.");
        return ValueTask.FromResult(new AddRaftVoterResponse { ErrorCode = code, ErrorMessage = message });
    }
}
