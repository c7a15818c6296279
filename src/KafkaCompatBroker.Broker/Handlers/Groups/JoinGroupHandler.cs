using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// JoinGroup (11), v0-v9: becomes or stays a member of a classic group; answered when the rebalance begins. v0 has no rebalance timeout and takes the
/// session's; v4 answers a first join with the member id to use (KIP-394); v5 static members (KIP-345); v7 protocol type and a name that may be
/// null; v8 reason (KIP-800); v9 tells the leader to skip the assignment (KIP-814).
/// </summary>
public sealed class JoinGroupHandler(CoordinatorRuntime<GroupShard> groups) : IRequestHandler<JoinGroupRequest, JoinGroupResponse>
{
    private const short FirstVersionWithRebalanceTimeout = 1;
    private const short FirstVersionWithNullProtocol = 7;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.JoinGroup);

    public async ValueTask<JoinGroupResponse> HandleAsync(RequestContext context, JoinGroupRequest request, CancellationToken token)
    {
        if (context.ApiVersion < FirstVersionWithRebalanceTimeout)
            request.RebalanceTimeoutMs = request.SessionTimeoutMs;

        // The group keeps what a member says of itself, the frame goes back to its pool.
        foreach (JoinGroupRequest.JoinGroupRequestProtocol protocol in request.Protocols)
            protocol.Metadata = protocol.Metadata.ToArray();
        GroupClient client = context.Client();
        ShardAnswer<JoinGroupResponse> answer = await groups.AskAsync<JoinGroupResponse>(
            request.GroupId, (shard, step, reply) => shard.JoinGroup(step, client, request, reply));
        string? noProtocol = context.ApiVersion < FirstVersionWithNullProtocol ? "" : null;
        return answer.Response ?? new() { ErrorCode = answer.Error, ProtocolName = noProtocol };
    }
}
