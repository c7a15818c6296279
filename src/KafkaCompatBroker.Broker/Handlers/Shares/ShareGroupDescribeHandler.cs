using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Handlers.Groups;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.ShareGroupDescribeResponse;

namespace KafkaCompatBroker.Broker.Handlers.Shares;

/// <summary>
/// ShareGroupDescribe (77), v1 (KIP-932): state, epochs and members of share groups; any other group is GROUP_ID_NOT_FOUND. UNSUPPORTED_VERSION for
/// every group while the feature is off.
/// </summary>
public sealed class ShareGroupDescribeHandler(CoordinatorRuntime<GroupShard> groups, ClusterView cluster)
    : IRequestHandler<ShareGroupDescribeRequest, ShareGroupDescribeResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ShareGroupDescribe);

    public async ValueTask<ShareGroupDescribeResponse> HandleAsync(RequestContext context, ShareGroupDescribeRequest request, CancellationToken token)
    {
        if (!ShareGroupProtocol.IsOn(cluster))
            return new() { Groups = [.. request.GroupIds.Select(static groupId => Refuse(groupId, ErrorCode.UnsupportedVersion))] };

        DescribedGroup[] described = await groups.AskEachAsync<string, DescribedGroup>(
            request.GroupIds.Where(static groupId => groupId.Length > 0),
            static groupId => groupId,
            static (shard, step, groupId, reply) => shard.ShareGroupDescribe(step, groupId, reply),
            Refuse);
        if (request.IncludeAuthorizedOperations)
        {
            foreach (DescribedGroup group in described)
                group.AuthorizedOperations = group.ErrorCode == ErrorCode.None ? AuthorizedOperations.EveryGroupOperation : AuthorizedOperations.Omitted;
        }

        return new() { Groups = [.. request.GroupIds.Where(static groupId => groupId.Length == 0).Select(static groupId => Refuse(groupId, ErrorCode.InvalidGroupId)), .. described] };
    }

    private static DescribedGroup Refuse(string groupId, ErrorCode error) => new() { GroupId = groupId, ErrorCode = error };
}
