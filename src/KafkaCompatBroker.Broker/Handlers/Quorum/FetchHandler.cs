using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// Fetch (1) on a controller: nodes follow the metadata log, which is the only partition here (KIP-595); INVALID_REQUEST for anything else,
/// INCONSISTENT_CLUSTER_ID for a node of another cluster. An answer with nothing new waits for something to come. Logs that differ are
/// told where (KIP-595), a follower below the log's start gets the snapshot's id (KIP-630). v16+: where the leader listens (KIP-853);
/// v18+: a follower that knows a lower high watermark is answered at once (KIP-1166).
/// </summary>
public sealed class FetchHandler(MetadataLog log, ClusterView cluster, QuorumEndpoints endpoints) : IRequestHandler<FetchRequest, FetchResponse>
{
    private const short FirstVersionWithEndpoints = 16;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.Fetch);

    public async ValueTask<FetchResponse> HandleAsync(RequestContext context, FetchRequest request, CancellationToken token)
    {
        context.Quota?.ExemptTime();
        if (request.ClusterId is { } clusterId && clusterId != cluster.ClusterId) return new FetchResponse { ErrorCode = ErrorCode.InconsistentClusterId };
        if (FetchMessages.FromWire(request, context.ApiVersion, 0, cluster.NodeId) is not { } fetch) return new FetchResponse { ErrorCode = ErrorCode.InvalidRequest };
        try
        {
            var answer = (Raft.FetchResponse)await log.AskAsync(id => fetch with { CorrelationId = id }, request.MaxBytes).WaitAsync(token).ConfigureAwait(false);
            FetchResponse response = FetchMessages.ToWire(answer, log.StartOffset);
            if (context.ApiVersion >= FirstVersionWithEndpoints && endpoints.Find(answer.LeaderId) is { } leader)
                response.NodeEndpoints = [new FetchResponse.NodeEndpoint { NodeId = answer.LeaderId, Host = leader.Host, Port = (ushort)leader.Port }];
            return response;
        }
        catch (NotLeaderException)
        {
            return new FetchResponse { ErrorCode = ErrorCode.BrokerNotAvailable };
        }
    }
}
