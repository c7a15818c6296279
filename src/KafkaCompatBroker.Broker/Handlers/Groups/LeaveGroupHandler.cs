using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.LeaveGroupResponse;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// LeaveGroup (13), v0-v5: members leave a group. Up to v2 one member, whose error is that of the request; from v3 many, each with its own error
/// (KIP-345), and of a group that nobody knows every member is unknown. v5 reason (KIP-800).
/// </summary>
public sealed class LeaveGroupHandler(CoordinatorRuntime<GroupShard> groups) : IRequestHandler<LeaveGroupRequest, LeaveGroupResponse>
{
    private const short FirstVersionWithManyMembers = 3;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.LeaveGroup);

    public async ValueTask<LeaveGroupResponse> HandleAsync(RequestContext context, LeaveGroupRequest request, CancellationToken token)
    {
        GroupClient client = context.Client();
        ShardAnswer<LeaveGroupResponse> answer = await groups.AskAsync<LeaveGroupResponse>(
            request.GroupId, (shard, step, reply) => shard.LeaveGroup(step, client, request, reply));
        LeaveGroupResponse response = answer.Response ?? new() { ErrorCode = answer.Error };
        bool isNobodyKnown = context.ApiVersion >= FirstVersionWithManyMembers && response.ErrorCode == ErrorCode.UnknownMemberId;
        return isNobodyKnown ? NobodyKnown(request) : response;
    }

    private static LeaveGroupResponse NobodyKnown(LeaveGroupRequest request) => new()
    {
        Members =
        [
            .. request.Members.Select(static member => new MemberResponse
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ErrorCode = ErrorCode.UnknownMemberId,
            }),
        ],
    };
}
