using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>The requests of the classic protocol: finds the group, makes it if need be, and refuses what no group would take.</summary>
internal sealed class ClassicRequests(GroupTable table)
{
    /// <summary>From this version on SyncGroup says which protocol it means (KIP-559).</summary>
    private const short FirstSyncVersionWithProtocol = 5;

    /// <summary>From this version on several members leave at once (KIP-345).</summary>
    private const short FirstLeaveVersionWithBatch = 3;

    public void Apply(string groupId, GroupMetadataValue? value)
    {
        if (value is null)
        {
            // Another kind of group has taken the name when a group changes its protocol.
            if (!table.TryFind(groupId, out Group? deleted) || deleted is not ClassicGroup old) return;
            old.Forget();
            table.Remove(groupId);
        }
        else if (table.TryFind(groupId, out Group? group) && group is ClassicGroup classic)
        {
            classic.Apply(value);
        }
        else
        {
            var added = new ClassicGroup(table, groupId);
            added.Restore(value);
            table.Put(added);
        }
    }

    public void Join(ShardStep step, GroupClient client, JoinGroupRequest request, Reply<JoinGroupResponse> reply)
    {
        GroupSettings settings = table.Settings;
        ErrorCode error = request.GroupId.Length == 0 ? ErrorCode.InvalidGroupId
            : request.SessionTimeoutMs < settings.MinSessionTimeoutMs || request.SessionTimeoutMs > settings.MaxSessionTimeoutMs ? ErrorCode.InvalidSessionTimeout
            : ErrorCode.None;
        if (error != ErrorCode.None)
        {
            step.Answer(reply, ClassicJoin.Refusal(client.ApiVersion, "", error));
        }
        else if (table.TryFind(request.GroupId, out Group? group) && !(group is { Kind: GroupKind.Consumer, IsEmpty: true }))
        {
            group.JoinGroup(step, client, request, reply);
        }
        else if (request.MemberId.Length > 0)
        {
            step.Answer(reply, ClassicJoin.Refusal(client.ApiVersion, request.MemberId, ErrorCode.UnknownMemberId));
        }
        else if (request.Protocols.Length == 0 || request.ProtocolType.Length == 0)
        {
            // Unlike Kafka, no group is made for it.
            step.Answer(reply, ClassicJoin.Refusal(client.ApiVersion, "", ErrorCode.InconsistentGroupProtocol));
        }
        else
        {
            JoinNewGroup(step, client, request, reply, group);
        }
    }

    public void Sync(ShardStep step, GroupClient client, SyncGroupRequest request, Reply<SyncGroupResponse> reply)
    {
        bool lacksProtocol = client.ApiVersion >= FirstSyncVersionWithProtocol && (request.ProtocolType is null || request.ProtocolName is null);
        if (lacksProtocol) step.Answer(reply, new SyncGroupResponse { ErrorCode = ErrorCode.InconsistentGroupProtocol });
        else if (request.GroupId.Length == 0) step.Answer(reply, new SyncGroupResponse { ErrorCode = ErrorCode.InvalidGroupId });
        else if (table.TryFind(request.GroupId, out Group? group)) group.SyncGroup(step, client, request, reply);
        else step.Answer(reply, new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
    }

    public void Heartbeat(ShardStep step, GroupClient client, HeartbeatRequest request, Reply<HeartbeatResponse> reply)
    {
        if (request.GroupId.Length == 0) step.Answer(reply, new HeartbeatResponse { ErrorCode = ErrorCode.InvalidGroupId });
        else if (table.TryFind(request.GroupId, out Group? group)) group.Heartbeat(step, client, request, reply);
        else step.Answer(reply, new HeartbeatResponse { ErrorCode = ErrorCode.UnknownMemberId });
    }

    public void Leave(ShardStep step, GroupClient client, LeaveGroupRequest request, Reply<LeaveGroupResponse> reply)
    {
        if (client.ApiVersion < FirstLeaveVersionWithBatch) request.Members = [new LeaveGroupRequest.MemberIdentity { MemberId = request.MemberId }];
        if (request.GroupId.Length == 0)
        {
            step.Answer(reply, new LeaveGroupResponse { ErrorCode = ErrorCode.InvalidGroupId });
            return;
        }

        if (table.TryFind(request.GroupId, out Group? group)) group.LeaveGroup(step, client, request, reply);
        else step.Answer(reply, new LeaveGroupResponse { Members = [.. request.Members.Select(Unknown)] });

        // One member: its error is the answer's.
        bool isSingle = client.ApiVersion < FirstLeaveVersionWithBatch && reply.Response is { Members.Length: 1 };
        if (isSingle && reply.Response is { } answer) (answer.ErrorCode, answer.Members) = (answer.Members[0].ErrorCode, []);
    }

    private static LeaveGroupResponse.MemberResponse Unknown(LeaveGroupRequest.MemberIdentity member) =>
        new() { MemberId = member.MemberId, GroupInstanceId = member.GroupInstanceId, ErrorCode = ErrorCode.UnknownMemberId };

    /// <summary>The group is in the table at once, because it holds what is not in the log; its first record says that it exists.</summary>
    private void JoinNewGroup(ShardStep step, GroupClient client, JoinGroupRequest request, Reply<JoinGroupResponse> reply, Group? emptyConsumerGroup)
    {
        emptyConsumerGroup?.WriteTombstones(step);
        emptyConsumerGroup?.Unload(step, ErrorCode.GroupIdNotFound);
        var group = new ClassicGroup(table, request.GroupId);
        table.Put(group);
        group.WriteCreated(step);
        group.JoinGroup(step, client, request, reply);
    }
}
