using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.DescribeGroupsResponse;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// DescribeGroups (15), v0-v6: state and members of classic groups. v3 authorized operations when asked for (KIP-430), v4 static members (KIP-345). A group
/// that nobody knows is Dead without an error up to v5, and GROUP_ID_NOT_FOUND from v6 (KIP-1043).
/// </summary>
public sealed class DescribeGroupsHandler(CoordinatorRuntime<GroupShard> groups) : IRequestHandler<DescribeGroupsRequest, DescribeGroupsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeGroups);

    public async ValueTask<DescribeGroupsResponse> HandleAsync(RequestContext context, DescribeGroupsRequest request, CancellationToken token)
    {
        GroupClient client = context.Client();
        DescribedGroup[] described = await groups.AskEachAsync<string, DescribedGroup>(
            request.Groups,
            static groupId => groupId,
            (shard, step, groupId, reply) => shard.DescribeGroups(step, client, groupId, reply),
            static (groupId, error) => new() { GroupId = groupId, ErrorCode = error });
        if (request.IncludeAuthorizedOperations)
        {
            foreach (DescribedGroup group in described)
                group.AuthorizedOperations = group.ErrorCode == ErrorCode.None ? AuthorizedOperations.EveryGroupOperation : AuthorizedOperations.Omitted;
        }

        return new() { Groups = described };
    }
}
