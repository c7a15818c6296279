using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// RenewDelegationToken (39): tokens are only for authenticated connections, and this broker has none:
/// DELEGATION_TOKEN_REQUEST_NOT_ALLOWED (KIP-48). All versions alike.
/// </summary>
public sealed class RenewDelegationTokenHandler : IRequestHandler<RenewDelegationTokenRequest, RenewDelegationTokenResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.RenewDelegationToken);

    public ValueTask<RenewDelegationTokenResponse> HandleAsync(RequestContext context, RenewDelegationTokenRequest request, CancellationToken token) =>
        ValueTask.FromResult(new RenewDelegationTokenResponse { ErrorCode = ErrorCode.DelegationTokenRequestNotAllowed, ExpiryTimestampMs = -1 });
}
