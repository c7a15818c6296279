using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>SyncGroup: takes the leader's assignment and hands every member its part.</summary>
internal static class ClassicSync
{
    public static void Handle(ClassicGroup group, ShardStep step, SyncGroupRequest request, Reply<SyncGroupResponse> reply)
    {
        ErrorCode error = Check(group, request);
        if (error != ErrorCode.None || !group.Members.TryFind(request.MemberId, out ClassicMember? member))
        {
            step.Answer(reply, new SyncGroupResponse { ErrorCode = error });
            return;
        }

        group.Rebalance.SyncArrived(member.MemberId);
        if (group.State == ClassicGroupState.Stable)
        {
            step.Answer(reply, Synced(group, member.Assignment));
            return;
        }

        // The same member has asked before.
        if (member.Sync is { } earlier) step.Answer(earlier, new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        member.Sync = reply;
        if (group.Members.IsLeader(member.MemberId)) Assign(group, step, request);
    }

    /// <summary>The group is stable once its record is applied; who waits is answered when it is committed.</summary>
    private static void Assign(ClassicGroup group, ShardStep step, SyncGroupRequest request)
    {
        var assignments = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (SyncGroupRequest.SyncGroupRequestAssignment assignment in request.Assignments) assignments[assignment.MemberId] = assignment.Assignment.ToArray();

        group.Write(step, assignments);
        foreach (ClassicMember member in group.Members.All)
        {
            if (member.Sync is not { } sync) continue;
            member.Sync = null;
            step.Answer(sync, Synced(group, assignments.GetValueOrDefault(member.MemberId) ?? []));
            group.Rebalance.RenewSession(step, member);
        }
    }

    private static SyncGroupResponse Synced(ClassicGroup group, byte[] assignment) =>
        new() { ProtocolType = group.Type, ProtocolName = group.ProtocolName, Assignment = assignment };

    private static ErrorCode Check(ClassicGroup group, SyncGroupRequest request)
    {
        if (group.IsEmpty) return ErrorCode.UnknownMemberId;
        ErrorCode error = group.CheckMember(request.MemberId, request.GroupInstanceId);
        if (error != ErrorCode.None) return error;
        if (request.GenerationId != group.Generation) return ErrorCode.IllegalGeneration;
        if (Differs(request.ProtocolType, group.Type) || Differs(request.ProtocolName, group.ProtocolName)) return ErrorCode.InconsistentGroupProtocol;
        return group.State == ClassicGroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    private static bool Differs(string? requested, string? present) => requested is not null && present is not null && requested != present;
}
