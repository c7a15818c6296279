using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// ExpireDelegationToken (40): tokens are only for authenticated connections, and this broker has none:
/// DELEGATION_TOKEN_REQUEST_NOT_ALLOWED (KIP-48). All versions alike.
/// </summary>
public sealed class ExpireDelegationTokenHandler : IRequestHandler<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ExpireDelegationToken);

    public ValueTask<ExpireDelegationTokenResponse> HandleAsync(RequestContext context, ExpireDelegationTokenRequest request, CancellationToken token) =>
        ValueTask.FromResult(new ExpireDelegationTokenResponse { ErrorCode = ErrorCode.DelegationTokenRequestNotAllowed, ExpiryTimestampMs = -1 });
}
