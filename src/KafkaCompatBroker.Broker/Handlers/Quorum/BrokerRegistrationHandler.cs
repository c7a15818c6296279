using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// BrokerRegistration (62): a broker introduces itself at its start and gets its epoch; it stays fenced until a heartbeat (KIP-631).
/// DUPLICATE_BROKER_REGISTRATION while an earlier start of the same id is alive. v2+: log directories (KIP-858); v3+: the epoch before a clean
/// shutdown (KIP-966).
/// </summary>
public sealed class BrokerRegistrationHandler(IActiveController controller) : IRequestHandler<BrokerRegistrationRequest, BrokerRegistrationResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.BrokerRegistration);

    public async ValueTask<BrokerRegistrationResponse> HandleAsync(RequestContext context, BrokerRegistrationRequest request, CancellationToken token) =>
        await controller.RegisterAsync(request, token).ConfigureAwait(false);
}
