using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// Vote (52): another voter wants to lead (KIP-595). INCONSISTENT_CLUSTER_ID from another cluster, INVALID_REQUEST for anything but the metadata
/// log, BROKER_NOT_AVAILABLE while this node starts or stops; the core's errors are the partition's. v1+: directory ids, and where the
/// leader listens (KIP-853); v2+: a pre-vote only asks (KIP-996).
/// </summary>
public sealed class VoteHandler(MetadataLog log, ClusterView cluster, QuorumEndpoints endpoints) : IRequestHandler<VoteRequest, VoteResponse>
{
    private const short FirstVersionWithEndpoints = 1;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.Vote);

    public async ValueTask<VoteResponse> HandleAsync(RequestContext context, VoteRequest request, CancellationToken token)
    {
        if (request.ClusterId is { } clusterId && clusterId != cluster.ClusterId) return new VoteResponse { ErrorCode = ErrorCode.InconsistentClusterId };
        if (ElectionMessages.FromWire(request, 0, cluster.NodeId) is not { } asked) return new VoteResponse { ErrorCode = ErrorCode.InvalidRequest };
        try
        {
            var answer = (Raft.VoteResponse)await log.AskAsync(id => asked with { CorrelationId = id }).WaitAsync(token).ConfigureAwait(false);
            VoteResponse response = ElectionMessages.ToWire(answer);
            if (context.ApiVersion >= FirstVersionWithEndpoints && endpoints.Find(answer.LeaderId) is { } leader)
                response.NodeEndpoints = [new VoteResponse.NodeEndpoint { NodeId = answer.LeaderId, Host = leader.Host, Port = (ushort)leader.Port }];
            return response;
        }
        catch (NotLeaderException)
        {
            return new VoteResponse { ErrorCode = ErrorCode.BrokerNotAvailable };
        }
    }
}
