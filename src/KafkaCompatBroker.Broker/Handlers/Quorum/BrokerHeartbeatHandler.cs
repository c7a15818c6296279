using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// BrokerHeartbeat (63): keeps a broker's session and carries its wish to be fenced, unfenced or shut down (KIP-631). STALE_BROKER_EPOCH from
/// an earlier start, BROKER_ID_NOT_REGISTERED from an unknown broker. v1+: failed log directories (KIP-858); v2+: cordoned ones.
/// </summary>
public sealed class BrokerHeartbeatHandler(IActiveController controller) : IRequestHandler<BrokerHeartbeatRequest, BrokerHeartbeatResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.BrokerHeartbeat);

    public async ValueTask<BrokerHeartbeatResponse> HandleAsync(RequestContext context, BrokerHeartbeatRequest request, CancellationToken token) =>
        await controller.HeartbeatAsync(request, token).ConfigureAwait(false);
}
