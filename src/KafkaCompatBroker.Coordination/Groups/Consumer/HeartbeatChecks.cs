using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>What a ConsumerGroupHeartbeat must obey.</summary>
internal static class HeartbeatChecks
{
    /// <summary>From this version on members choose their ids themselves (KIP-1082).</summary>
    private const short FirstVersionWithClientIds = 1;

    /// <summary>Checks what can be told from the request alone.</summary>
    /// <returns>INVALID_REQUEST, UNSUPPORTED_ASSIGNOR; null otherwise.</returns>
    public static GroupError? Request(ConsumerGroupHeartbeatRequest request, short version, IEnumerable<string> assignors)
    {
        int epoch = request.MemberEpoch;
        if ((version >= FirstVersionWithClientIds || epoch is > 0 or ConsumerMember.LeavingEpoch) && IsBlank(request.MemberId)) return Invalid("MemberId can't be empty.");
        if (IsBlank(request.GroupId)) return Invalid("GroupId can't be empty.");
        if (IsBlank(request.InstanceId)) return Invalid("InstanceId can't be empty.");
        if (IsBlank(request.RackId)) return Invalid("RackId can't be empty.");
        switch (epoch)
        {
            case 0 when request.RebalanceTimeoutMs == -1:
                return Invalid("A member has to give a rebalance timeout when it joins.");
            case 0 when request.TopicPartitions is not { Length: 0 }:
                return Invalid("A member that joins may not own partitions.");
            case 0 when request.SubscribedTopicNames is null && request.SubscribedTopicRegex is null:
                return Invalid("A member that joins has to subscribe to topic names or to a regular expression.");
            case ConsumerMember.AwayEpoch when request.InstanceId is null:
                return Invalid("Only a member with an instance id may leave for a while.");
            case < ConsumerMember.AwayEpoch:
                return Invalid($"There is no member epoch {epoch}.");
        }

        return request.ServerAssignor is null || assignors.Contains(request.ServerAssignor)
            ? null
            : new GroupError(ErrorCode.UnsupportedAssignor, $"There is no server-side assignor {request.ServerAssignor}, only {string.Join(", ", assignors)}.");
    }

    /// <returns>FENCED_MEMBER_EPOCH when the member is not in the epoch that it names, unless it may have missed the last answer; null otherwise.</returns>
    public static GroupError? Epoch(ConsumerMember member, int epoch, PartitionsByTopic? owned)
    {
        // A member that was fenced comes back with 0 whatever it was before.
        if (epoch == 0 || epoch == member.Epoch) return null;
        if (epoch < member.Epoch && epoch == member.PreviousEpoch && owned is not null && member.Assigned.Covers(owned)) return null;
        string relation = epoch > member.Epoch ? "ahead of" : "behind";
        return new GroupError(ErrorCode.FencedMemberEpoch, $"Epoch {epoch} of the member is {relation} epoch {member.Epoch} of the coordinator: it has to give up its partitions and join again.");
    }

    /// <returns>UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID; null when the instance belongs to the member.</returns>
    public static GroupError? Instance(ConsumerMember? current, string memberId, string instanceId)
    {
        if (current is null) return new GroupError(ErrorCode.UnknownMemberId, $"No member has the instance id {instanceId}.");
        return current.MemberId == memberId ? null : new GroupError(ErrorCode.FencedInstanceId, $"Instance {instanceId} is member {current.MemberId} by now, not {memberId}.");
    }

    /// <returns>GROUP_MAX_SIZE_REACHED when there is no room for another member; null otherwise.</returns>
    public static GroupError? Room(ConsumerGroupContext context, ConsumerGroup group, string memberId, string? instanceId)
    {
        int most = context.Table.Settings.ConsumerMaxSize;
        if (group.Members.Count < most || group.StaticMember(instanceId) is not null || group.Member(memberId) is not null) return null;
        return new GroupError(ErrorCode.GroupMaxSizeReached, $"The group has its {most} members already.");
    }

    public static GroupError UnknownMember(string groupId, string memberId) => new(ErrorCode.UnknownMemberId, $"{memberId} is no member of group {groupId}.");

    private static GroupError Invalid(string message) => new(ErrorCode.InvalidRequest, message);

    private static bool IsBlank(string? text) => text is not null && text.Trim().Length == 0;
}
