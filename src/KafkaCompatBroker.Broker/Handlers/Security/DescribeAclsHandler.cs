using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// DescribeAcls (29): this broker has no authorizer, so the answer is SECURITY_DISABLED. A filter with an unknown kind (0) closes
/// the connection, as in Kafka. All versions alike.
/// </summary>
public sealed class DescribeAclsHandler : IRequestHandler<DescribeAclsRequest, DescribeAclsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeAcls);

    public ValueTask<DescribeAclsResponse> HandleAsync(RequestContext context, DescribeAclsRequest request, CancellationToken token)
    {
        if (request.ResourceTypeFilter == 0 || request.PatternTypeFilter == 0 || request.Operation == 0 || request.PermissionType == 0)
            throw new CloseConnectionException("DescribeAcls with an unknown kind in its filter");
        return ValueTask.FromResult(new DescribeAclsResponse { ErrorCode = ErrorCode.SecurityDisabled, ErrorMessage = "No Authorizer is configured on the broker" });
    }
}
