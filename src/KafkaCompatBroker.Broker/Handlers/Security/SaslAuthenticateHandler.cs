using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// SaslAuthenticate (36) where authentication is not wanted or done: ILLEGAL_SASL_STATE, the connection stays open (KIP-152).
/// All versions alike.
/// </summary>
public sealed class SaslAuthenticateHandler : IRequestHandler<SaslAuthenticateRequest, SaslAuthenticateResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.SaslAuthenticate);

    public ValueTask<SaslAuthenticateResponse> HandleAsync(RequestContext context, SaslAuthenticateRequest request, CancellationToken token) =>
        ValueTask.FromResult(new SaslAuthenticateResponse
        {
            ErrorCode = ErrorCode.IllegalSaslState,
            ErrorMessage = "SaslAuthenticate request received after successful authentication",
        });
}
