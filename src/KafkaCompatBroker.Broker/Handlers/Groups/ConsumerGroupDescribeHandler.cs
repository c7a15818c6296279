using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.ConsumerGroupDescribeResponse;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// ConsumerGroupDescribe (69), v0-v1 (KIP-848): state, epochs, members and assignments of consumer groups; any other group is GROUP_ID_NOT_FOUND. v1 tells
/// members that speak the classic protocol apart (KIP-1099). UNSUPPORTED_VERSION for every group while the protocol is off.
/// </summary>
public sealed class ConsumerGroupDescribeHandler(CoordinatorRuntime<GroupShard> groups, ClusterView cluster)
    : IRequestHandler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ConsumerGroupDescribe);

    public async ValueTask<ConsumerGroupDescribeResponse> HandleAsync(
        RequestContext context, ConsumerGroupDescribeRequest request, CancellationToken token)
    {
        if (!ConsumerGroupProtocol.IsOn(cluster))
            return new() { Groups = [.. request.GroupIds.Select(static groupId => Refuse(groupId, ErrorCode.UnsupportedVersion))] };

        GroupClient client = context.Client();
        DescribedGroup[] invalid = [.. request.GroupIds.Where(static groupId => groupId.Length == 0).Select(static groupId => Refuse(groupId, ErrorCode.InvalidGroupId))];
        DescribedGroup[] described = await groups.AskEachAsync<string, DescribedGroup>(
            request.GroupIds.Where(static groupId => groupId.Length > 0),
            static groupId => groupId,
            (shard, step, groupId, reply) => shard.ConsumerGroupDescribe(step, client, groupId, reply),
            Refuse);
        if (request.IncludeAuthorizedOperations)
        {
            foreach (DescribedGroup group in described)
                group.AuthorizedOperations = group.ErrorCode == ErrorCode.None ? AuthorizedOperations.EveryGroupOperation : AuthorizedOperations.Omitted;
        }

        return new() { Groups = [.. invalid, .. described] };
    }

    private static DescribedGroup Refuse(string groupId, ErrorCode error) => new() { GroupId = groupId, ErrorCode = error };
}
