using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// Heartbeat (12), v0-v4: a member of a classic group is alive; REBALANCE_IN_PROGRESS tells it to join again. v3 static members (KIP-345). While the
/// groups are being loaded every heartbeat is good: sessions begin anew afterwards.
/// </summary>
public sealed class HeartbeatHandler(CoordinatorRuntime<GroupShard> groups) : IRequestHandler<HeartbeatRequest, HeartbeatResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.Heartbeat);

    public static bool IsRoutine => true;

    public ValueTask<HeartbeatResponse> HandleAsync(RequestContext context, HeartbeatRequest request, CancellationToken token)
    {
        GroupClient client = context.Client();
        ValueTask<ShardAnswer<HeartbeatResponse>> answer = groups.AskAsync<HeartbeatResponse>(
            request.GroupId, (shard, step, reply) => shard.Heartbeat(step, client, request, reply));

        // Most of what a broker with many consumers does is this, and nothing that waits.
        return answer.IsCompletedSuccessfully ? new(Of(answer.Result)) : FinishAsync(answer);
    }

    private static async ValueTask<HeartbeatResponse> FinishAsync(ValueTask<ShardAnswer<HeartbeatResponse>> answer) => Of(await answer);

    private static HeartbeatResponse Of(in ShardAnswer<HeartbeatResponse> answer) =>
        answer.Response ?? new() { ErrorCode = answer.Error == ErrorCode.CoordinatorLoadInProgress ? ErrorCode.None : answer.Error };
}
