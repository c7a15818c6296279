using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// CreateAcls (30): this broker has no authorizer, so each entry is SECURITY_DISABLED. An entry with an unknown kind (0) closes the
/// connection, as in Kafka. All versions alike.
/// </summary>
public sealed class CreateAclsHandler : IRequestHandler<CreateAclsRequest, CreateAclsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.CreateAcls);

    public ValueTask<CreateAclsResponse> HandleAsync(RequestContext context, CreateAclsRequest request, CancellationToken token)
    {
        foreach (CreateAclsRequest.AclCreation entry in request.Creations)
            if (entry.ResourceType == 0 || entry.ResourcePatternType == 0 || entry.Operation == 0 || entry.PermissionType == 0)
                throw new CloseConnectionException("CreateAcls with an unknown kind in an entry");
        return ValueTask.FromResult(new CreateAclsResponse
        {
            Results = [.. request.Creations.Select(static _ => new CreateAclsResponse.AclCreationResult { ErrorCode = ErrorCode.SecurityDisabled, ErrorMessage = "No Authorizer is configured." })],
        });
    }
}
