using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// Fetch (1) on a controller: nodes follow the metadata log, which is the only partition here (KIP-595); INVALID_REQUEST for anything else,
/// INCONSISTENT_CLUSTER_ID for a node of another cluster. An answer with nothing new waits for something to come. Logs that differ are
/// told where (KIP-595), a follower below the log's start gets the snapshot's id (KIP-630). v16+: where the leader listens (KIP-853);
/// v18+: a follower that knows a lower high watermark is answered at once (KIP-1166).
/// </summary>
public sealed class FetchHandler(MetadataLog log, ClusterView cluster) : IRequestHandler<FetchRequest, FetchResponse>
{
    private const short FirstVersionWithEndpoints = 16;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.Fetch);

    public async ValueTask<FetchResponse> HandleAsync(RequestContext context, FetchRequest request, CancellationToken token)
    {
        if (request.ClusterId is { } clusterId && clusterId != cluster.ClusterId) return new FetchResponse { ErrorCode = ErrorCode.InconsistentClusterId };
        if (RaftMessages.FromWire(request, context.ApiVersion, 0, cluster.NodeId) is not { } fetch) return new FetchResponse { ErrorCode = ErrorCode.InvalidRequest };
        Raft.FetchResponse answer = await log.FetchAsync(id => fetch with { CorrelationId = id }).WaitAsync(token).ConfigureAwait(false);
        FetchResponse response = RaftMessages.ToWire(answer, log.StartOffset);
        if (context.ApiVersion >= FirstVersionWithEndpoints) response.NodeEndpoints = EndpointOf(answer.LeaderId, context.ListenerName);
        return response;
    }

    private FetchResponse.NodeEndpoint[] EndpointOf(int leaderId, string listener) =>
        cluster.Image.Controllers.GetValueOrDefault(leaderId)?.Endpoints.FirstOrDefault(endpoint => endpoint.Listener == listener) is { } found
            ? [new FetchResponse.NodeEndpoint { NodeId = leaderId, Host = found.Host, Port = found.Port }]
            : [];
}
