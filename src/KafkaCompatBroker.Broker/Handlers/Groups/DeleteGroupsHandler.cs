using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.DeleteGroupsResponse;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// DeleteGroups (42), v0-v3: deletes groups without members, and their offsets; each group once, with its own error (NON_EMPTY_GROUP,
/// GROUP_ID_NOT_FOUND).
/// </summary>
public sealed class DeleteGroupsHandler(CoordinatorRuntime<GroupShard> groups) : IRequestHandler<DeleteGroupsRequest, DeleteGroupsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DeleteGroups);

    public async ValueTask<DeleteGroupsResponse> HandleAsync(RequestContext context, DeleteGroupsRequest request, CancellationToken token)
    {
        GroupClient client = context.Client();
        return new()
        {
            Results = await groups.AskEachAsync<string, DeletableGroupResult>(
                request.GroupsNames.Distinct(StringComparer.Ordinal),
                static groupId => groupId,
                (shard, step, groupId, reply) => shard.DeleteGroups(step, client, groupId, reply),
                static (groupId, error) => new() { GroupId = groupId, ErrorCode = error }),
        };
    }
}
