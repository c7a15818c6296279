using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// FetchSnapshot (59): a node whose place in the metadata log is gone takes a snapshot piece by piece (KIP-630). INCONSISTENT_CLUSTER_ID for
/// another cluster, INVALID_REQUEST for anything but the metadata log, BROKER_NOT_AVAILABLE while this node starts or stops;
/// SNAPSHOT_NOT_FOUND and POSITION_OUT_OF_RANGE are the partition's. v1+: directory id of the replica, where the leader listens (KIP-853).
/// </summary>
public sealed class FetchSnapshotHandler(MetadataLog log, ClusterView cluster, QuorumEndpoints endpoints) : IRequestHandler<FetchSnapshotRequest, FetchSnapshotResponse>
{
    private const short FirstVersionWithEndpoints = 1;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.FetchSnapshot);

    public async ValueTask<FetchSnapshotResponse> HandleAsync(RequestContext context, FetchSnapshotRequest request, CancellationToken token)
    {
        if (request.ClusterId is { } clusterId && clusterId != cluster.ClusterId) return new FetchSnapshotResponse { ErrorCode = ErrorCode.InconsistentClusterId };
        if (SnapshotMessages.FromWire(request, 0, cluster.NodeId) is not { } asked) return new FetchSnapshotResponse { ErrorCode = ErrorCode.InvalidRequest };
        try
        {
            var answer = (Raft.FetchSnapshotResponse)await log.AskAsync(id => asked with { CorrelationId = id }, request.MaxBytes).WaitAsync(token).ConfigureAwait(false);
            FetchSnapshotResponse response = SnapshotMessages.ToWire(answer);
            if (context.ApiVersion >= FirstVersionWithEndpoints && endpoints.Find(answer.LeaderId) is { } leader)
                response.NodeEndpoints = [new FetchSnapshotResponse.NodeEndpoint { NodeId = answer.LeaderId, Host = leader.Host, Port = (ushort)leader.Port }];
            return response;
        }
        catch (NotLeaderException)
        {
            return new FetchSnapshotResponse { ErrorCode = ErrorCode.BrokerNotAvailable };
        }
    }
}
