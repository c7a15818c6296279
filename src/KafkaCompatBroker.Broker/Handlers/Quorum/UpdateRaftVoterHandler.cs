using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// UpdateRaftVoter (82): a voter tells where it listens now and which kraft.version it can run (KIP-853). INCONSISTENT_CLUSTER_ID for another
/// cluster, VOTER_NOT_FOUND for another replica, the core's errors about epochs; with each the leader as this node knows it.
/// </summary>
public sealed class UpdateRaftVoterHandler(MetadataLog log, ClusterView cluster, QuorumEndpoints endpoints) : IRequestHandler<UpdateRaftVoterRequest, UpdateRaftVoterResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.UpdateRaftVoter);

    public async ValueTask<UpdateRaftVoterResponse> HandleAsync(RequestContext context, UpdateRaftVoterRequest request, CancellationToken token)
    {
        if (request.ClusterId is { } clusterId && clusterId != cluster.ClusterId) return new UpdateRaftVoterResponse { ErrorCode = ErrorCode.InconsistentClusterId };
        try
        {
            var answer = (UpdateVoterResponse)await log.AskAsync(asked => VoterMessages.FromWire(request, asked, cluster.NodeId)).WaitAsync(token).ConfigureAwait(false);
            var leader = endpoints.Find(answer.LeaderId);
            return new UpdateRaftVoterResponse
            {
                ErrorCode = RaftErrors.ToWire(answer.Error),
                CurrentLeader = new UpdateRaftVoterResponse.CurrentLeaderData { LeaderId = answer.LeaderId, LeaderEpoch = answer.Epoch, Host = leader?.Host ?? "", Port = leader?.Port ?? 0 },
            };
        }
        catch (NotLeaderException)
        {
            return new UpdateRaftVoterResponse { ErrorCode = ErrorCode.BrokerNotAvailable };
        }
    }
}
