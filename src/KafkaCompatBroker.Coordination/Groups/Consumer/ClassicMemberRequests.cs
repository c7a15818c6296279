using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Coordination.Groups.Assignors;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>SyncGroup, Heartbeat and LeaveGroup of members of a consumer group that speak the classic protocol: the member's epoch is their generation.</summary>
internal static class ClassicMemberRequests
{
    /// <summary>Gives a member its assignment in the form of the classic protocol.</summary>
    public static void Sync(ConsumerGroupContext context, ShardStep step, ConsumerGroup group, SyncGroupRequest request, Reply<SyncGroupResponse> reply)
    {
        ErrorCode error = FindClassic(group, request.MemberId, request.GroupInstanceId, out ConsumerMember? member);
        if (error == ErrorCode.None && member!.Epoch != request.GenerationId) error = ErrorCode.IllegalGeneration;
        if (error == ErrorCode.None && !Fits(member!, request)) error = ErrorCode.InconsistentGroupProtocol;
        if (error == ErrorCode.None && group.TargetEpoch > member!.Epoch && member.State != MemberState.UnrevokedPartitions)
        {
            context.Timers.AwaitJoin(group.GroupId, member.MemberId, step.NowMs + member.RebalanceTimeoutMs);
            error = ErrorCode.RebalanceInProgress;
        }

        if (error != ErrorCode.None)
        {
            step.Answer(reply, new SyncGroupResponse { ErrorCode = error });
            return;
        }

        context.Timers.CancelSync(group.GroupId, member!.MemberId);
        context.Timers.RenewSession(group.GroupId, member.MemberId, step.NowMs + context.SessionTimeoutMs(group.GroupId, member));
        PartitionsByTopic assigned = PartitionsByTopic.Of(member.Assigned.All.Select(static partition => (partition.Topic, partition.Partition)));
        step.Answer(reply, new SyncGroupResponse
        {
            ProtocolType = request.ProtocolType,
            ProtocolName = request.ProtocolName,
            Assignment = ConsumerProtocol.WriteAssignment(assigned, ConsumerProtocol.VersionOf(member.Classic!.Protocols[0].Metadata), context.Table.Image),
        });
    }

    /// <summary>Renews the session, and tells the member to join again when there is something new for it.</summary>
    public static void Heartbeat(ConsumerGroupContext context, ShardStep step, ConsumerGroup group, HeartbeatRequest request, Reply<HeartbeatResponse> reply)
    {
        ErrorCode error = FindClassic(group, request.MemberId, request.GroupInstanceId, out ConsumerMember? member);
        if (error == ErrorCode.None && member!.Epoch != request.GenerationId) error = ErrorCode.IllegalGeneration;
        if (error == ErrorCode.None)
        {
            context.Timers.RenewSession(group.GroupId, member!.MemberId, step.NowMs + context.SessionTimeoutMs(group.GroupId, member));
            bool mustJoin = member.Epoch < group.TargetEpoch || member.State == MemberState.UnrevokedPartitions ||
                (member.State == MemberState.UnreleasedPartitions && !WaitsForOthers(group, member));
            if (mustJoin)
            {
                context.Timers.AwaitJoin(group.GroupId, member.MemberId, step.NowMs + member.RebalanceTimeoutMs);
                error = ErrorCode.RebalanceInProgress;
            }
        }

        step.Answer(reply, new HeartbeatResponse { ErrorCode = error });
    }

    /// <summary>Removes members, whatever protocol they speak (administrators remove them so), in one change of the group.</summary>
    public static void Leave(ConsumerGroupContext context, ShardStep step, ConsumerGroup group, LeaveGroupRequest request, Reply<LeaveGroupResponse> reply)
    {
        Dictionary<string, ConsumerMember> leaving = new(StringComparer.Ordinal);
        List<LeaveGroupResponse.MemberResponse> answers = [];
        foreach (LeaveGroupRequest.MemberIdentity identity in request.Members)
        {
            // A static member may leave by its instance alone.
            string? memberId = identity.MemberId.Length == 0 ? group.StaticMember(identity.GroupInstanceId)?.MemberId : identity.MemberId;
            ErrorCode error = Find(group, memberId ?? identity.MemberId, identity.GroupInstanceId, out ConsumerMember? member);
            if (error == ErrorCode.None) leaving.TryAdd(member!.MemberId, member);
            answers.Add(new() { MemberId = identity.MemberId, GroupInstanceId = identity.GroupInstanceId, ErrorCode = error });
        }

        MemberRemoval.Fence(context, step, group, leaving.Values);
        step.Answer(reply, new LeaveGroupResponse { Members = [.. answers] });
    }

    private static ErrorCode Find(ConsumerGroup group, string memberId, string? instanceId, out ConsumerMember? member)
    {
        member = instanceId is null ? group.Member(memberId) : group.StaticMember(instanceId);
        if (member is null) return ErrorCode.UnknownMemberId;
        if (member.MemberId != memberId) return ErrorCode.FencedInstanceId;
        return ErrorCode.None;
    }

    private static ErrorCode FindClassic(ConsumerGroup group, string memberId, string? instanceId, out ConsumerMember? member)
    {
        ErrorCode error = Find(group, memberId, instanceId, out member);
        return error == ErrorCode.None && !member!.IsClassic ? ErrorCode.UnknownMemberId : error;
    }

    private static bool Fits(ConsumerMember member, SyncGroupRequest request) =>
        request.ProtocolType is null or ConsumerProtocol.Type && (request.ProtocolName is null || request.ProtocolName == member.Classic!.Protocols[0].Name);

    private static bool WaitsForOthers(ConsumerGroup group, ConsumerMember member) => group.TargetOf(member.MemberId).Topics.Any(topic =>
        topic.Partitions.Any(partition => !member.Assigned.Contains(topic.Topic, partition) && !group.IsFree(topic.Topic, partition)));
}
