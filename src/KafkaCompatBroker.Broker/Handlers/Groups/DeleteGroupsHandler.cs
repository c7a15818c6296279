using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Shares;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Groups.Share;
using KafkaCompatBroker.Coordination.Shares;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.DeleteGroupsResponse;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// DeleteGroups (42), v0-v3: deletes groups without members, and their offsets; each group once, with its own error (NON_EMPTY_GROUP,
/// GROUP_ID_NOT_FOUND). What the share coordinator keeps of a share group goes first (KIP-932): a group whose state cannot be deleted stays.
/// </summary>
public sealed class DeleteGroupsHandler(CoordinatorRuntime<GroupShard> groups, ShareStates shares) : IRequestHandler<DeleteGroupsRequest, DeleteGroupsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DeleteGroups);

    public async ValueTask<DeleteGroupsResponse> HandleAsync(RequestContext context, DeleteGroupsRequest request, CancellationToken token)
    {
        GroupClient client = context.Client();
        return new()
        {
            Results = await Task.WhenAll(request.GroupsNames.Distinct(StringComparer.Ordinal).Select(groupId => DeleteAsync(client, groupId))),
        };
    }

    private async Task<DeletableGroupResult> DeleteAsync(GroupClient client, string groupId)
    {
        ErrorCode error = await DeleteShareStateAsync(groupId).ConfigureAwait(false);
        if (error != ErrorCode.None)
            return new() { GroupId = groupId, ErrorCode = error };

        ShardAnswer<DeletableGroupResult> answer = await groups.AskAsync<DeletableGroupResult>(
            groupId, (shard, step, reply) => shard.DeleteGroups(step, client, groupId, reply)).ConfigureAwait(false);
        return answer.Response ?? new() { GroupId = groupId, ErrorCode = answer.Error };
    }

    private async Task<ErrorCode> DeleteShareStateAsync(string groupId)
    {
        ShardAnswer<SharePartitions> answer = await groups.AskAsync<SharePartitions>(
            groupId, (shard, step, reply) => shard.BeginShareDeletion(step, groupId, reply)).ConfigureAwait(false);
        if (answer.Response is not { Error: ErrorCode.None } state)
            return answer.Response?.Error ?? answer.Error;

        ShareStateAnswer[] deleted = await Task.WhenAll(
            state.Partitions.Select(partition => shares.DeleteAsync(new(groupId, partition.Topic, partition.Partition)))).ConfigureAwait(false);
        return Array.Find(deleted, static partition => partition.Error != ErrorCode.None)?.Error ?? ErrorCode.None;
    }
}
