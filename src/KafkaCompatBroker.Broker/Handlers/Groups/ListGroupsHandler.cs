using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// ListGroups (16), v0-v5: groups whose coordinator is here, of all shards. v4 filter by state (KIP-518), v5 by type (KIP-848). While a shard is
/// being loaded the answer is COORDINATOR_LOAD_IN_PROGRESS, so that nobody takes a part for the whole.
/// </summary>
public sealed class ListGroupsHandler(CoordinatorRuntime<GroupShard> groups) : IRequestHandler<ListGroupsRequest, ListGroupsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ListGroups);

    public async ValueTask<ListGroupsResponse> HandleAsync(RequestContext context, ListGroupsRequest request, CancellationToken token)
    {
        GroupClient client = context.Client();
        ShardAnswer<ListGroupsResponse>[] answers = await groups.AskAllAsync<ListGroupsResponse>(
            (shard, step, reply) => shard.ListGroups(step, client, request, reply));
        foreach (ShardAnswer<ListGroupsResponse> answer in answers)
        {
            ErrorCode error = answer.Response?.ErrorCode ?? answer.Error;

            // A shard that moved away meanwhile is listed by its new coordinator.
            if (error is not (ErrorCode.None or ErrorCode.NotCoordinator))
                return new() { ErrorCode = error };
        }

        return new() { Groups = [.. answers.SelectMany(static answer => answer.Response?.Groups ?? [])] };
    }
}
