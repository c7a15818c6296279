using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>UnregisterBroker (64): forgets a broker that will not come back; BROKER_ID_NOT_REGISTERED for an unknown id.</summary>
public sealed class UnregisterBrokerHandler(ControllerShell controller) : IRequestHandler<UnregisterBrokerRequest, UnregisterBrokerResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.UnregisterBroker);

    public async ValueTask<UnregisterBrokerResponse> HandleAsync(RequestContext context, UnregisterBrokerRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.UnregisterBroker(request), token).ConfigureAwait(false);
}
