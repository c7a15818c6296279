using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// SyncGroup (14), v0-v5: the leader of a classic group hands in the assignment, every member gets its part of it. v3 static members (KIP-345); v5
/// must name protocol type and protocol (KIP-559), else INCONSISTENT_GROUP_PROTOCOL.
/// </summary>
public sealed class SyncGroupHandler(CoordinatorRuntime<GroupShard> groups) : IRequestHandler<SyncGroupRequest, SyncGroupResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.SyncGroup);

    public async ValueTask<SyncGroupResponse> HandleAsync(RequestContext context, SyncGroupRequest request, CancellationToken token)
    {
        // The group keeps the assignments, the frame goes back to its pool.
        foreach (SyncGroupRequest.SyncGroupRequestAssignment assignment in request.Assignments)
            assignment.Assignment = assignment.Assignment.ToArray();
        GroupClient client = context.Client();
        ShardAnswer<SyncGroupResponse> answer = await groups.AskAsync<SyncGroupResponse>(
            request.GroupId, (shard, step, reply) => shard.SyncGroup(step, client, request, reply));
        return answer.Response ?? new() { ErrorCode = answer.Error };
    }
}
