using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// UnregisterController (94): forgets a controller that will not come back (KIP-1312). CONTROLLER_ID_NOT_REGISTERED for an unknown id,
/// INVALID_REQUEST for the active one itself, UNSUPPORTED_VERSION before metadata.version 4.4-IV2.
/// </summary>
public sealed class UnregisterControllerHandler(ControllerShell controller) : IRequestHandler<UnregisterControllerRequest, UnregisterControllerResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.UnregisterController);

    public async ValueTask<UnregisterControllerResponse> HandleAsync(RequestContext context, UnregisterControllerRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.UnregisterController(request), token).ConfigureAwait(false);
}
