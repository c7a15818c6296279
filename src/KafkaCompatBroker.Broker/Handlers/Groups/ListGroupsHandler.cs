using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// ListGroups (16): groups whose coordinator is here. This broker runs no coordinators, so there are none; tools that ask every broker
/// before they look at the properties of groups need the answer all the same. v4+: filter by state (KIP-518), v5+: by type (KIP-848).
/// </summary>
public sealed class ListGroupsHandler : IRequestHandler<ListGroupsRequest, ListGroupsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ListGroups);

    public ValueTask<ListGroupsResponse> HandleAsync(RequestContext context, ListGroupsRequest request, CancellationToken token) =>
        ValueTask.FromResult(new ListGroupsResponse());
}
