using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// AssignReplicasToDirs (73): a broker tells in which log directories its replicas are (KIP-858). STALE_BROKER_EPOCH from an earlier start,
/// UNSUPPORTED_VERSION at a metadata.version that keeps no directories; errors of each partition, NOT_LEADER_OR_FOLLOWER for another
/// broker's replica.
/// </summary>
public sealed class AssignReplicasToDirsHandler(ControllerShell controller) : IRequestHandler<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AssignReplicasToDirs);

    public async ValueTask<AssignReplicasToDirsResponse> HandleAsync(RequestContext context, AssignReplicasToDirsRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.AssignReplicasToDirs(request), token).ConfigureAwait(false);
}
