using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// DescribeDelegationToken (41): tokens are only for authenticated connections, and this broker has none:
/// DELEGATION_TOKEN_REQUEST_NOT_ALLOWED (KIP-48). All versions alike.
/// </summary>
public sealed class DescribeDelegationTokenHandler : IRequestHandler<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeDelegationToken);

    public ValueTask<DescribeDelegationTokenResponse> HandleAsync(RequestContext context, DescribeDelegationTokenRequest request, CancellationToken token) =>
        ValueTask.FromResult(new DescribeDelegationTokenResponse { ErrorCode = ErrorCode.DelegationTokenRequestNotAllowed });
}
