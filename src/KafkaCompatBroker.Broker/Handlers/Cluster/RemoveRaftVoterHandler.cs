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

    public ValueTask<RemoveRaftVoterResponse> HandleAsync(RequestContext context, RemoveRaftVoterRequest request, CancellationToken token) => VoterChange.RunAsync(
        log,
        cluster,
        request.ClusterId,
        asked => VoterMessages.FromWire(request, asked, cluster.NodeId),
        answer => VoterMessages.ToWire((RemoveVoterResponse)answer),
        (error, message) => new RemoveRaftVoterResponse { ErrorCode = error, ErrorMessage = message },
        token);
}
