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

    public ValueTask<AddRaftVoterResponse> HandleAsync(RequestContext context, AddRaftVoterRequest request, CancellationToken token) => VoterChange.RunAsync(
        log,
        cluster,
        request.ClusterId,
        asked => VoterMessages.FromWire(request, asked, cluster.NodeId),
        answer => VoterMessages.ToWire((AddVoterResponse)answer),
        (error, message) => new AddRaftVoterResponse { ErrorCode = error, ErrorMessage = message },
        token);
}
