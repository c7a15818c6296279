using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// ControllerRegistration (70): a controller of the quorum puts its listeners and features into the log (KIP-919).
/// </summary>
public sealed class ControllerRegistrationHandler(ControllerShell controller) : IRequestHandler<ControllerRegistrationRequest, ControllerRegistrationResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ControllerRegistration);

    public async ValueTask<ControllerRegistrationResponse> HandleAsync(RequestContext context, ControllerRegistrationRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.RegisterController(request), token).ConfigureAwait(false);
}
