using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Raft;
using BeginQuorumEpochRequest = KafkaCompatBroker.Protocol.Messages.BeginQuorumEpochRequest;
using BeginQuorumEpochResponse = KafkaCompatBroker.Protocol.Messages.BeginQuorumEpochResponse;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// BeginQuorumEpoch (53): a voter says that it leads (KIP-595). INCONSISTENT_CLUSTER_ID from another cluster, INVALID_REQUEST for anything but
/// the metadata log, BROKER_NOT_AVAILABLE while this node starts or stops; the core's errors are the partition's, INCONSISTENT_VOTER_SET also
/// for a node that this one does not know as a voter. v1+: directory ids, and where the leader listens (KIP-853).
/// </summary>
public sealed class BeginQuorumEpochHandler(MetadataLog log, ClusterView cluster, QuorumEndpoints endpoints) : IRequestHandler<BeginQuorumEpochRequest, BeginQuorumEpochResponse>
{
    private const short FirstVersionWithEndpoints = 1;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.BeginQuorumEpoch);

    public async ValueTask<BeginQuorumEpochResponse> HandleAsync(RequestContext context, BeginQuorumEpochRequest request, CancellationToken token)
    {
        if (request.ClusterId is { } clusterId && clusterId != cluster.ClusterId) return new BeginQuorumEpochResponse { ErrorCode = ErrorCode.InconsistentClusterId };
        if (ElectionMessages.FromWire(request, 0, cluster.NodeId) is not { } asked) return new BeginQuorumEpochResponse { ErrorCode = ErrorCode.InvalidRequest };
        try
        {
            var answer = (Raft.BeginQuorumEpochResponse)await log.AskAsync(id => asked with { CorrelationId = id }).WaitAsync(token).ConfigureAwait(false);
            if (answer.Error == RaftError.None)
                endpoints.Learn(asked.Source, [.. request.LeaderEndpoints.Select(static one => new VoterEndpoint(one.Name, one.Host, one.Port))]);
            BeginQuorumEpochResponse response = ElectionMessages.ToWire(answer);
            if (context.ApiVersion >= FirstVersionWithEndpoints && endpoints.Find(answer.LeaderId) is { } leader)
                response.NodeEndpoints = [new BeginQuorumEpochResponse.NodeEndpoint { NodeId = answer.LeaderId, Host = leader.Host, Port = (ushort)leader.Port }];
            return response;
        }
        catch (NotLeaderException)
        {
            return new BeginQuorumEpochResponse { ErrorCode = ErrorCode.BrokerNotAvailable };
        }
    }
}
