using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>DeleteAcls (31): this broker has no authorizer, so each filter is SECURITY_DISABLED. All versions alike.</summary>
public sealed class DeleteAclsHandler : IRequestHandler<DeleteAclsRequest, DeleteAclsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DeleteAcls);

    public ValueTask<DeleteAclsResponse> HandleAsync(RequestContext context, DeleteAclsRequest request, CancellationToken token)
    {
        foreach (DeleteAclsRequest.DeleteAclsFilter filter in request.Filters)
            if (filter.ResourceTypeFilter == 0 || filter.PatternTypeFilter == 0 || filter.Operation == 0 || filter.PermissionType == 0)
                throw new CloseConnectionException("DeleteAcls with an unknown kind in a filter");
        return ValueTask.FromResult(new DeleteAclsResponse
        {
            FilterResults = [.. request.Filters.Select(static _ => new DeleteAclsResponse.DeleteAclsFilterResult { ErrorCode = ErrorCode.SecurityDisabled, ErrorMessage = "No Authorizer is configured." })],
        });
    }
}
