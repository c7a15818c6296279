using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// ConsumerGroupHeartbeat (68), v0-v1 (KIP-848): a member of a consumer group joins, lives, changes its subscription, acknowledges or leaves; the answer may
/// carry its assignment. v1 regular expressions and member ids of the client (KIP-1082). UNSUPPORTED_VERSION while the protocol is off.
/// </summary>
public sealed class ConsumerGroupHeartbeatHandler(CoordinatorRuntime<GroupShard> groups, ClusterView cluster)
    : IRequestHandler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ConsumerGroupHeartbeat);

    public static bool IsRoutine => true;

    public async ValueTask<ConsumerGroupHeartbeatResponse> HandleAsync(
        RequestContext context, ConsumerGroupHeartbeatRequest request, CancellationToken token)
    {
        if (!ConsumerGroupProtocol.IsOn(cluster))
            return new() { ErrorCode = ErrorCode.UnsupportedVersion };

        GroupClient client = context.Client();
        ShardAnswer<ConsumerGroupHeartbeatResponse> answer = await groups.AskAsync<ConsumerGroupHeartbeatResponse>(
            request.GroupId, (shard, step, reply) => shard.ConsumerGroupHeartbeat(step, client, request, reply));
        return answer.Response ?? new() { ErrorCode = answer.Error };
    }
}
