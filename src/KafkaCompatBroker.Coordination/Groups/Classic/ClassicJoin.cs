using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>JoinGroup: lets a member in, or says why not.</summary>
internal static class ClassicJoin
{
    /// <summary>From this version on a new member first gets an id and joins with it, so that retries leave no ghosts (KIP-394).</summary>
    private const short FirstVersionWithRequiredMemberId = 4;

    /// <summary>From this version on a null protocol can be said.</summary>
    private const short FirstVersionWithNullProtocol = 7;

    /// <summary>From this version on a static leader that comes back is told to leave the assignment as it is (KIP-814).</summary>
    private const short FirstVersionWithSkippedAssignment = 9;

    /// <summary>How long a new member waits that cannot send heartbeats yet, whatever its session timeout is.</summary>
    private const int NewMemberTimeoutMs = 5 * 60 * 1000;

    public static void Handle(ClassicGroup group, ShardStep step, GroupClient client, JoinGroupRequest request, Reply<JoinGroupResponse> reply)
    {
        var join = new ClassicMember.JoinWait(reply, client.ApiVersion);
        string memberId = request.MemberId;
        if (!HasRoomFor(group, memberId))
        {
            if (group.Members.TryFind(memberId, out ClassicMember? surplus)) group.Rebalance.Remove(step, surplus);
            group.Members.DropExpected(memberId);
            Refuse(step, join, "", ErrorCode.GroupMaxSizeReached);
            return;
        }

        if (!AreProtocolsSupported(group, request))
        {
            Refuse(step, join, memberId, ErrorCode.InconsistentGroupProtocol);
            return;
        }

        if (memberId.Length == 0) JoinNew(group, step, client, request, join);
        else JoinKnown(group, step, client, request, join);
    }

    /// <summary>An answer that refuses a JoinGroup.</summary>
    public static JoinGroupResponse Refusal(short apiVersion, string memberId, ErrorCode error) => new()
    {
        ErrorCode = error,
        MemberId = memberId,
        ProtocolName = apiVersion < FirstVersionWithNullProtocol ? "" : null,
    };

    /// <summary>The answer to a member that is in the present generation; the leader gets all members.</summary>
    public static JoinGroupResponse Joined(ClassicGroup group, ClassicMember member, short apiVersion) => new()
    {
        GenerationId = group.Generation,
        ProtocolType = group.Type,
        ProtocolName = group.ProtocolName ?? (apiVersion < FirstVersionWithNullProtocol ? "" : null),
        Leader = group.Members.LeaderId ?? "",
        MemberId = member.MemberId,
        Members = group.Members.IsLeader(member.MemberId) ? MembersForLeader(group) : [],
    };

    private static void JoinNew(ClassicGroup group, ShardStep step, GroupClient client, JoinGroupRequest request, ClassicMember.JoinWait join)
    {
        string memberId = $"{request.GroupInstanceId ?? client.ClientId}-{MemberIds.Hyphenated(group.Table.NewId())}";
        if (request.GroupInstanceId is null && client.ApiVersion >= FirstVersionWithRequiredMemberId)
        {
            group.Rebalance.Expect(step, memberId, request.SessionTimeoutMs);
            Refuse(step, join, memberId, ErrorCode.MemberIdRequired);
        }
        else if (request.GroupInstanceId is not null && group.Members.OfInstance(request.GroupInstanceId) is { } old)
        {
            Succeed(group, step, old, memberId, request, join);
        }
        else
        {
            Add(group, step, client, memberId, request, join);
        }
    }

    private static void JoinKnown(ClassicGroup group, ShardStep step, GroupClient client, JoinGroupRequest request, ClassicMember.JoinWait join)
    {
        string memberId = request.MemberId;
        if (group.Members.IsExpected(memberId))
        {
            // Only dynamic members are given an id to come back with.
            if (request.GroupInstanceId is null) Add(group, step, client, memberId, request, join);
            else Refuse(step, join, memberId, ErrorCode.UnknownMemberId);
            return;
        }

        ErrorCode error = group.CheckMember(memberId, request.GroupInstanceId);
        if (error != ErrorCode.None || !group.Members.TryFind(memberId, out ClassicMember? member))
        {
            Refuse(step, join, memberId, error);
            return;
        }

        bool isSame = member.Protocols.SequenceEqual(ProtocolsOf(request));
        bool isUpToDate = group.State switch
        {
            // It may not have got the answer to its first join.
            ClassicGroupState.CompletingRebalance => isSame,

            // A leader that joins again wants a new assignment: what it saw change need not be in its metadata.
            ClassicGroupState.Stable => isSame && !group.Members.IsLeader(memberId),
            _ => false,
        };
        if (isUpToDate)
        {
            step.Answer(join.Reply, Joined(group, member, join.ApiVersion));
            return;
        }

        Supersede(step, group, member);
        member.RebalanceTimeoutMs = RebalanceTimeoutMs(request, join.ApiVersion);
        member.SessionTimeoutMs = request.SessionTimeoutMs;
        group.Members.Offer(member, ProtocolsOf(request));
        group.Members.Await(member, join);
        group.Rebalance.PrepareOrComplete(step);
    }

    private static void Add(
        ClassicGroup group, ShardStep step, GroupClient client, string memberId, JoinGroupRequest request, ClassicMember.JoinWait join)
    {
        var member = new ClassicMember(memberId, request.GroupInstanceId, client.ClientId, client.ClientHost)
        {
            IsNew = true,
            RebalanceTimeoutMs = RebalanceTimeoutMs(request, join.ApiVersion),
            SessionTimeoutMs = request.SessionTimeoutMs,
            Protocols = ProtocolsOf(request),
        };
        if (group.Members.Count == 0) group.Type = request.ProtocolType;
        group.Members.Add(member);
        group.Members.Await(member, join);
        group.Rebalance.RenewSession(step, member, NewMemberTimeoutMs);
        group.Rebalance.ExtendInitialDelay();
        group.Rebalance.PrepareOrComplete(step);
    }

    /// <summary>A static member has started again: it gets a new id, and the old one is fenced (KIP-345).</summary>
    private static void Succeed(ClassicGroup group, ShardStep step, ClassicMember old, string memberId, JoinGroupRequest request, ClassicMember.JoinWait join)
    {
        group.Rebalance.AnswerWaiting(step, old, ErrorCode.FencedInstanceId, ErrorCode.FencedInstanceId);
        group.Rebalance.SyncArrived(old.MemberId);
        var successor = new ClassicMember(memberId, old.InstanceId, old.ClientId, old.ClientHost)
        {
            Assignment = old.Assignment,
            RebalanceTimeoutMs = RebalanceTimeoutMs(request, join.ApiVersion),
            SessionTimeoutMs = request.SessionTimeoutMs,
            Protocols = ProtocolsOf(request),
        };
        if (group.State == ClassicGroupState.Stable && group.Members.SelectProtocolWith(old, successor) == group.ProtocolName)
        {
            // No rebalance: it goes on with the assignment of its predecessor.
            group.WriteReplaced(step, old, successor);
            group.Rebalance.RenewSession(step, successor);
            step.Answer(join.Reply, Succeeded(group, old, successor, join.ApiVersion));
            return;
        }

        group.Members.Replace(old, successor);
        group.Rebalance.RenewSession(step, successor);
        group.Members.Await(successor, join);
        group.Rebalance.PrepareOrComplete(step);
    }

    private static JoinGroupResponse Succeeded(ClassicGroup group, ClassicMember old, ClassicMember successor, short apiVersion)
    {
        bool wasLeader = group.Members.IsLeader(old.MemberId);
        bool skips = apiVersion >= FirstVersionWithSkippedAssignment;
        return new JoinGroupResponse
        {
            GenerationId = group.Generation,
            ProtocolType = group.Type,
            ProtocolName = group.ProtocolName,

            // Before, the only way to keep a leader from assigning anew was to let it think that another one leads.
            Leader = wasLeader && skips ? successor.MemberId : group.Members.LeaderId ?? "",
            SkipAssignment = wasLeader && skips,
            MemberId = successor.MemberId,
            Members = wasLeader && skips ? MembersForLeader(group, old, successor) : [],
        };
    }

    /// <summary>The member has sent its JoinGroup again: the earlier one need not wait any longer.</summary>
    private static void Supersede(ShardStep step, ClassicGroup group, ClassicMember member)
    {
        if (member.Join is not { } earlier) return;
        group.Members.Await(member, null);
        Refuse(step, earlier, member.MemberId, ErrorCode.RebalanceInProgress);
    }

    /// <summary>While members join, those who have joined count: so those who are late in a group that shrinks are the ones who do not get in.</summary>
    private static bool HasRoomFor(ClassicGroup group, string memberId)
    {
        int maxSize = group.Table.Settings.MaxSize;
        bool isMember = group.Members.TryFind(memberId, out ClassicMember? member);
        return group.State switch
        {
            ClassicGroupState.Empty => true,
            ClassicGroupState.PreparingRebalance => member?.Join is not null || group.Members.JoinedCount < maxSize,
            _ => isMember || group.Members.Count < maxSize,
        };
    }

    private static bool AreProtocolsSupported(ClassicGroup group, JoinGroupRequest request)
    {
        if (request.Protocols.Length == 0 || request.ProtocolType.Length == 0) return false;
        return group.IsEmpty || (group.Type == request.ProtocolType && group.Members.AllOfferOneOf(request.Protocols.Select(protocol => protocol.Name)));
    }

    private static void Refuse(ShardStep step, ClassicMember.JoinWait join, string memberId, ErrorCode error) =>
        step.Answer(join.Reply, Refusal(join.ApiVersion, memberId, error));

    /// <summary>Version 0 has one timeout for both.</summary>
    private static int RebalanceTimeoutMs(JoinGroupRequest request, short apiVersion) =>
        apiVersion == 0 ? request.SessionTimeoutMs : request.RebalanceTimeoutMs;

    private static ClassicProtocol[] ProtocolsOf(JoinGroupRequest request) =>
        [.. request.Protocols.Select(protocol => new ClassicProtocol(protocol.Name, protocol.Metadata.ToArray()))];

    private static JoinGroupResponse.JoinGroupResponseMember[] MembersForLeader(ClassicGroup group, ClassicMember? old = null, ClassicMember? successor = null) =>
    [
        .. group.Members.All.Select(member => member == old ? successor ?? member : member).Select(member => new JoinGroupResponse.JoinGroupResponseMember
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.InstanceId,
            Metadata = member.MetadataFor(group.ProtocolName),
        }),
    ];
}
