using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.FindCoordinatorResponse;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// FindCoordinator (10): this broker runs no coordinators, so every key is COORDINATOR_NOT_AVAILABLE, with the reason in the text.
/// Up to v3 one key, from v4 many (KIP-699). v1+: an unknown kind of key is INVALID_REQUEST; v6 adds share groups (KIP-932).
/// </summary>
public sealed class FindCoordinatorHandler : IRequestHandler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    private const short FirstVersionWithKinds = 1;
    private const short FirstVersionWithManyKeys = 4;
    private const short FirstVersionWithShareGroups = 6;
    private const sbyte Transaction = 1;
    private const sbyte Share = 2;
    private const string Reason = "This broker runs no coordinators.";

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.FindCoordinator);

    public ValueTask<FindCoordinatorResponse> HandleAsync(RequestContext context, FindCoordinatorRequest request, CancellationToken token)
    {
        sbyte highest = context.ApiVersion >= FirstVersionWithShareGroups ? Share : Transaction;
        bool isKnown = context.ApiVersion < FirstVersionWithKinds || (request.KeyType >= 0 && request.KeyType <= highest);
        ErrorCode code = isKnown ? ErrorCode.CoordinatorNotAvailable : ErrorCode.InvalidRequest;
        string reason = isKnown ? Reason : $"Unknown kind of key {request.KeyType}.";
        FindCoordinatorResponse response = context.ApiVersion < FirstVersionWithManyKeys
            ? new FindCoordinatorResponse { ErrorCode = code, ErrorMessage = reason, NodeId = -1, Host = "", Port = -1 }
            : new FindCoordinatorResponse
            {
                Coordinators = [.. request.CoordinatorKeys.Select(key => new Coordinator { Key = key, ErrorCode = code, ErrorMessage = reason, NodeId = -1, Host = "", Port = -1 })],
            };
        return ValueTask.FromResult(response);
    }
}
