using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>LeaveGroup: members go, or are sent away by their instance ids (KIP-345).</summary>
internal static class ClassicLeave
{
    public static void Handle(ClassicGroup group, ShardStep step, LeaveGroupRequest request, Reply<LeaveGroupResponse> reply)
    {
        LeaveGroupResponse.MemberResponse[] members = [.. request.Members.Select(member => new LeaveGroupResponse.MemberResponse
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.GroupInstanceId,
            ErrorCode = Remove(group, step, member),
        })];
        if (!group.IsEmpty && members.Any(member => member.ErrorCode == ErrorCode.None)) group.Rebalance.PrepareOrComplete(step);
        step.Answer(reply, new LeaveGroupResponse { Members = members });
    }

    private static ErrorCode Remove(ClassicGroup group, ShardStep step, LeaveGroupRequest.MemberIdentity identity)
    {
        ClassicMember? member;
        if (identity.MemberId.Length == 0)
        {
            member = identity.GroupInstanceId is null ? null : group.Members.OfInstance(identity.GroupInstanceId);
        }
        else
        {
            if (group.Members.DropExpected(identity.MemberId)) return ErrorCode.None;
            ErrorCode error = group.CheckMember(identity.MemberId, identity.GroupInstanceId);
            if (error != ErrorCode.None) return error;
            group.Members.TryFind(identity.MemberId, out member);
        }

        if (member is null) return ErrorCode.UnknownMemberId;
        group.Rebalance.Remove(step, member);
        return ErrorCode.None;
    }
}
