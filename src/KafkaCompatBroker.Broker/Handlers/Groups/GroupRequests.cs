using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>What the handlers of groups have in common.</summary>
internal static class GroupRequests
{
    /// <summary>Who asks, as groups keep it.</summary>
    public static GroupClient Client(this RequestContext context) => new(context.ClientId ?? "", "/" + context.ClientHost, context.ApiVersion);

    /// <summary>Asks the shard of each group, all at once; the answers have the order of the groups.</summary>
    /// <param name="groups">The coordinator.</param>
    /// <param name="asked">What is asked of each group.</param>
    /// <param name="groupId">The group of an item.</param>
    /// <param name="command">Asks one shard for one item.</param>
    /// <param name="refuse">The answer when there is no shard to ask.</param>
    public static Task<TAnswer[]> AskEachAsync<TAsked, TAnswer>(
        this CoordinatorRuntime<GroupShard> groups,
        IEnumerable<TAsked> asked,
        Func<TAsked, string> groupId,
        Action<GroupShard, ShardStep, TAsked, Reply<TAnswer>> command,
        Func<TAsked, Protocol.Messages.ErrorCode, TAnswer> refuse)
        where TAnswer : class
    {
        return Task.WhenAll(asked.Select(AskAsync));

        async Task<TAnswer> AskAsync(TAsked item)
        {
            ShardAnswer<TAnswer> answer = await groups.AskAsync<TAnswer>(groupId(item), (shard, step, reply) => command(shard, step, item, reply));
            return answer.Response ?? refuse(item, answer.Error);
        }
    }
}
