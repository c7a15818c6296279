using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// SaslHandshake (17) where authentication is not wanted: ILLEGAL_SASL_STATE, the connection stays open. Listeners with SASL take
/// these requests before any handler sees them. All versions alike.
/// </summary>
public sealed class SaslHandshakeHandler : IRequestHandler<SaslHandshakeRequest, SaslHandshakeResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.SaslHandshake);

    public ValueTask<SaslHandshakeResponse> HandleAsync(RequestContext context, SaslHandshakeRequest request, CancellationToken token) =>
        ValueTask.FromResult(new SaslHandshakeResponse { ErrorCode = ErrorCode.IllegalSaslState });
}
