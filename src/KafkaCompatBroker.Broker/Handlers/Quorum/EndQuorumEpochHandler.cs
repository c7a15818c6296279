using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// EndQuorumEpoch (54): the leader stops leading and names who should stand first (KIP-595). INCONSISTENT_CLUSTER_ID from another cluster,
/// INVALID_REQUEST for anything but the metadata log, BROKER_NOT_AVAILABLE while this node starts or stops; the core's errors are the
/// partition's, INCONSISTENT_VOTER_SET also for a node that this one does not know as a voter. v1+: directory ids of the successors (KIP-853).
/// </summary>
public sealed class EndQuorumEpochHandler(MetadataLog log, ClusterView cluster, QuorumEndpoints endpoints) : IRequestHandler<EndQuorumEpochRequest, EndQuorumEpochResponse>
{
    private const short FirstVersionWithEndpoints = 1;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.EndQuorumEpoch);

    public async ValueTask<EndQuorumEpochResponse> HandleAsync(RequestContext context, EndQuorumEpochRequest request, CancellationToken token)
    {
        if (request.ClusterId is { } clusterId && clusterId != cluster.ClusterId) return new EndQuorumEpochResponse { ErrorCode = ErrorCode.InconsistentClusterId };
        if (ElectionMessages.FromWire(request, 0, cluster.NodeId) is not { } asked) return new EndQuorumEpochResponse { ErrorCode = ErrorCode.InvalidRequest };
        try
        {
            var answer = (Raft.EndQuorumEpochResponse)await log.AskAsync(id => asked with { CorrelationId = id }).WaitAsync(token).ConfigureAwait(false);
            EndQuorumEpochResponse response = ElectionMessages.ToWire(answer);
            if (context.ApiVersion >= FirstVersionWithEndpoints && endpoints.Find(answer.LeaderId) is { } leader)
                response.NodeEndpoints = [new EndQuorumEpochResponse.NodeEndpoint { NodeId = answer.LeaderId, Host = leader.Host, Port = (ushort)leader.Port }];
            return response;
        }
        catch (NotLeaderException)
        {
            return new EndQuorumEpochResponse { ErrorCode = ErrorCode.BrokerNotAvailable };
        }
    }
}
