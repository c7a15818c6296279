using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// CreateDelegationToken (38): tokens are only for authenticated connections, and this broker has none:
/// DELEGATION_TOKEN_REQUEST_NOT_ALLOWED (KIP-48). v3 names the requester too (KIP-373).
/// </summary>
public sealed class CreateDelegationTokenHandler : IRequestHandler<CreateDelegationTokenRequest, CreateDelegationTokenResponse>
{
    private const short FirstVersionWithRequester = 3;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.CreateDelegationToken);

    public ValueTask<CreateDelegationTokenResponse> HandleAsync(RequestContext context, CreateDelegationTokenRequest request, CancellationToken token) =>
        ValueTask.FromResult(new CreateDelegationTokenResponse
        {
            ErrorCode = ErrorCode.DelegationTokenRequestNotAllowed,
            PrincipalType = context.Principal.Type,
            PrincipalName = context.Principal.Name,
            TokenRequesterPrincipalType = context.ApiVersion >= FirstVersionWithRequester ? context.Principal.Type : "",
            TokenRequesterPrincipalName = context.ApiVersion >= FirstVersionWithRequester ? context.Principal.Name : "",
            IssueTimestampMs = -1,
            ExpiryTimestampMs = -1,
            MaxTimestampMs = -1,
        });
}
