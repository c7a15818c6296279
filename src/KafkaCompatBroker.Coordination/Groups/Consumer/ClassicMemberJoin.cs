using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>JoinGroup to a consumer group: the member takes part like any other, its assignment comes with SyncGroup. Nobody waits for the others here.</summary>
internal static class ClassicMemberJoin
{
    /// <summary>From this version on a dynamic member joins once more with the id that it gets (KIP-394).</summary>
    private const short FirstVersionWithRequiredId = 4;

    public static void Run(ConsumerGroupContext context, ShardStep step, ConsumerGroup group, GroupClient client, JoinGroupRequest request, Reply<JoinGroupResponse> reply)
    {
        string memberId = request.MemberId.Length == 0 ? context.Table.NewId().ToString() : request.MemberId;
        ErrorCode error = Check(context, group, memberId, request);
        if (error == ErrorCode.None && request.MemberId.Length == 0 && request.GroupInstanceId is null && client.ApiVersion >= FirstVersionWithRequiredId)
        {
            step.Answer(reply, Refusal(memberId, ErrorCode.MemberIdRequired, client));
            return;
        }

        ConsumerProtocolSubscription? subscription = error == ErrorCode.None ? ConsumerProtocol.ReadSubscription(request.Protocols[0].Metadata) : null;
        if (error == ErrorCode.None && subscription is null) error = ErrorCode.InconsistentGroupProtocol;
        JoinGroupResponse? response = null;
        if (error == ErrorCode.None) error = TryJoin(context, step, group, client, request, memberId, subscription!, out response);
        step.Answer(reply, response ?? Refusal("", error, client));
    }

    private static ErrorCode Check(ConsumerGroupContext context, ConsumerGroup group, string memberId, JoinGroupRequest request)
    {
        if (context.Table.Settings.ConsumerMigrationPolicy == GroupMigrationPolicy.Disabled) return ErrorCode.InconsistentGroupProtocol;
        if (HeartbeatChecks.Room(context, group, memberId, request.GroupInstanceId) is { } full) return full.Code;

        // All classic members must have a protocol in common, so that the group can become a classic one.
        bool fits = request.ProtocolType == ConsumerProtocol.Type && request.Protocols.Any(protocol =>
            group.IsEmpty || group.Counts.ClassicProtocols.GetValueOrDefault(protocol.Name) == group.Counts.ClassicMembers);
        return fits ? ErrorCode.None : ErrorCode.InconsistentGroupProtocol;
    }

    private static ErrorCode TryJoin(
        ConsumerGroupContext context, ShardStep step, ConsumerGroup group, GroupClient client, JoinGroupRequest request, string memberId,
        ConsumerProtocolSubscription subscription, out JoinGroupResponse? response)
    {
        response = null;
        List<CoordinatorRecord> records = [];
        ConsumerMember? current = group.StaticMember(request.GroupInstanceId);
        ConsumerMember before;
        if (current is null)
        {
            if (request.GroupInstanceId is not null && request.MemberId.Length > 0) return ErrorCode.UnknownMemberId;
            before = group.Member(memberId) ?? new ConsumerMember(memberId);
        }
        else if (request.MemberId.Length > 0)
        {
            if (current.MemberId != memberId) return ErrorCode.FencedInstanceId;
            before = current;
        }
        else
        {
            before = StaticReplacement.Write(group, current, memberId, records);
        }

        MemberUpdate update = new(context, step, group, records, before, Joined(before, client, request, subscription));
        bool hasNewNames = update.WriteMember();
        if (RegexSubscription.TryUpdate(update, out RegexChange regex) is { } invalid) return invalid.Code;
        bool hasNewSubscription = hasNewNames || regex != RegexChange.None;
        update.UpdateEpoch(hasNewSubscription);

        PartitionsByTopic owned = ConsumerProtocol.Resolve(subscription.OwnedPartitions.Select(static topic => (topic.Topic, topic.Partitions)), context.Table.Image);
        bool becomesClassic = current is not null && GroupDowngrade.IsDue(context, group, current);
        bool isBehind = group.TargetEpoch < update.Epoch;
        (int targetEpoch, PartitionsByTopic target) = becomesClassic
            ? (group.TargetEpoch, group.TargetOf(memberId, request.GroupInstanceId))
            : TargetAssignment.Update(update);
        if (!(becomesClassic && isBehind) && update.Reconcile(targetEpoch, target, hasNewSubscription, owned) is { } fenced) return fenced.Code;

        context.Timers.CancelJoin(group.GroupId, memberId);
        update.Commit();
        if (becomesClassic)
        {
            GroupDowngrade.AfterReplacement(context, step, group, current!, update.After, update.Epoch, mustRebalance: isBehind);
        }
        else
        {
            context.Timers.RenewSession(group.GroupId, memberId, step.NowMs + request.SessionTimeoutMs);
            context.Timers.AwaitSync(group.GroupId, memberId, step.NowMs + update.After.RebalanceTimeoutMs);
        }

        response = new JoinGroupResponse
        {
            MemberId = memberId,
            GenerationId = update.After.Epoch,
            ProtocolType = ConsumerProtocol.Type,
            ProtocolName = update.After.Classic!.Protocols[0].Name,
        };
        return ErrorCode.None;
    }

    private static ConsumerMember Joined(ConsumerMember before, GroupClient client, JoinGroupRequest request, ConsumerProtocolSubscription subscription) => before with
    {
        InstanceId = request.GroupInstanceId ?? before.InstanceId,
        RackId = string.IsNullOrEmpty(subscription.RackId) ? before.RackId : subscription.RackId,
        RebalanceTimeoutMs = request.RebalanceTimeoutMs != -1 ? request.RebalanceTimeoutMs : before.RebalanceTimeoutMs != -1 ? before.RebalanceTimeoutMs : request.SessionTimeoutMs,
        TopicNames = ConsumerMember.Normalize(subscription.Topics),
        TopicRegex = "",
        ClientId = client.ClientId,
        ClientHost = client.ClientHost,
        Classic = new ClassicMembership(request.SessionTimeoutMs, [.. request.Protocols.Select(static protocol => new ClassicMembership.Offer(protocol.Name, protocol.Metadata.ToArray()))]),
    };

    private static JoinGroupResponse Refusal(string memberId, ErrorCode error, GroupClient client) => new() { MemberId = memberId, ErrorCode = error, ProtocolName = client.ApiVersion >= 7 ? null : "" };
}
