using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>ConsumerGroupHeartbeat: a member joins, says that it is there and what it owns, changes its subscription, or leaves (KIP-848).</summary>
internal static class ConsumerHeartbeat
{
    private const string ProtocolName = "consumer";

    public static void Run(ConsumerGroupContext context, ShardStep step, GroupClient client, ConsumerGroupHeartbeatRequest request, Reply<ConsumerGroupHeartbeatResponse> reply)
    {
        GroupError? error = context.Table.Settings.RebalanceProtocols.Contains(ProtocolName)
            ? HeartbeatChecks.Request(request, client.ApiVersion, context.AssignorNames)
            : new GroupError(ErrorCode.UnsupportedVersion, "This broker does not serve the consumer protocol.");
        ConsumerGroupHeartbeatResponse? response = null;
        if (error is null) error = request.MemberEpoch < 0 ? TryLeave(context, step, request, out response) : TryBeat(context, step, client, request, out response);
        step.Answer(reply, response ?? new ConsumerGroupHeartbeatResponse { ErrorCode = error!.Code, ErrorMessage = error.Message });
    }

    private static GroupError? TryBeat(
        ConsumerGroupContext context, ShardStep step, GroupClient client, ConsumerGroupHeartbeatRequest request, out ConsumerGroupHeartbeatResponse? response)
    {
        response = null;
        List<CoordinatorRecord> records = [];
        bool isJoining = request.MemberEpoch == 0;
        if (GroupUpgrade.TryGetOrCreate(context, step, request.GroupId, isJoining, records, out ConsumerGroup group) is { } refused) return refused;
        if (HeartbeatChecks.Room(context, group, request.MemberId, request.InstanceId) is { } full) return full;

        string memberId = request.MemberId.Length > 0 ? request.MemberId : context.Table.NewId().ToString();
        PartitionsByTopic? owned = request.TopicPartitions is null ? null : PartitionsByTopic.Of(request.TopicPartitions.Select(static topic => (topic.TopicId, (IEnumerable<int>)topic.Partitions)));
        if (TryFindMember(group, memberId, request, owned, records, out ConsumerMember before) is { } unknown) return unknown;

        MemberUpdate update = new(context, step, group, records, before, before with
        {
            InstanceId = request.InstanceId ?? before.InstanceId,
            RackId = request.RackId ?? before.RackId,
            RebalanceTimeoutMs = request.RebalanceTimeoutMs != -1 ? request.RebalanceTimeoutMs : before.RebalanceTimeoutMs,
            Assignor = request.ServerAssignor ?? before.Assignor,
            TopicNames = request.SubscribedTopicNames is null ? before.TopicNames : ConsumerMember.Normalize(request.SubscribedTopicNames),
            TopicRegex = request.SubscribedTopicRegex ?? before.TopicRegex,
            ClientId = client.ClientId,
            ClientHost = client.ClientHost,
            Classic = null,
        });
        bool hasNewNames = update.WriteMember();
        if (RegexSubscription.TryUpdate(update, out RegexChange regex) is { } invalid) return invalid;
        update.UpdateEpoch(hasNewNames || regex == RegexChange.Resolved || update.HasPreferredAssignorChanged());
        (int targetEpoch, PartitionsByTopic target) = TargetAssignment.Update(update);
        if (update.Reconcile(targetEpoch, target, hasNewNames || regex != RegexChange.None, owned) is { } fenced) return fenced;

        context.Timers.RenewSession(group.GroupId, memberId, step.NowMs + context.SessionTimeoutMs(group.GroupId));
        update.Commit();

        // A request with everything in it comes from a member that may not know what it has.
        bool isFull = request.RebalanceTimeoutMs != -1 && (request.SubscribedTopicNames is not null || request.SubscribedTopicRegex is not null) && request.TopicPartitions is not null;
        response = new ConsumerGroupHeartbeatResponse
        {
            MemberId = memberId,
            MemberEpoch = update.After.Epoch,
            HeartbeatIntervalMs = context.HeartbeatIntervalMs(group.GroupId),
            Assignment = isJoining || isFull || !update.After.Assigned.SameAs(before.Assigned) ? Assignment(update.After) : null,
        };
        return null;
    }

    /// <summary>Finds the member, makes a new one, or puts it in the place of the static member that left for a while.</summary>
    private static GroupError? TryFindMember(
        ConsumerGroup group, string memberId, ConsumerGroupHeartbeatRequest request, PartitionsByTopic? owned, List<CoordinatorRecord> records, out ConsumerMember member)
    {
        bool isJoining = request.MemberEpoch == 0;
        ConsumerMember? current = request.InstanceId is null ? group.Member(memberId) : group.StaticMember(request.InstanceId);
        member = current ?? new ConsumerMember(memberId);
        if (request.InstanceId is null)
        {
            if (current is null && !isJoining) return HeartbeatChecks.UnknownMember(group.GroupId, memberId);
            return HeartbeatChecks.Epoch(member, request.MemberEpoch, owned);
        }

        if (!isJoining) return HeartbeatChecks.Instance(current, memberId, request.InstanceId) ?? HeartbeatChecks.Epoch(member, request.MemberEpoch, owned);
        if (current is null)
        {
            member = group.Member(memberId) ?? member;
            return null;
        }

        if (!current.IsClassic && current.Epoch != ConsumerMember.AwayEpoch)
            return new GroupError(ErrorCode.UnreleasedInstanceId, $"Instance {request.InstanceId} is member {current.MemberId}, which has not left.");
        member = StaticReplacement.Write(group, current, memberId, records);
        return null;
    }

    private static GroupError? TryLeave(ConsumerGroupContext context, ShardStep step, ConsumerGroupHeartbeatRequest request, out ConsumerGroupHeartbeatResponse? response)
    {
        response = null;
        if (context.Find(request.GroupId) is not { } group) return new GroupError(ErrorCode.GroupIdNotFound, $"Group {request.GroupId} not found.");
        ConsumerMember? member = request.InstanceId is null ? group.Member(request.MemberId) : group.StaticMember(request.InstanceId);
        if (request.InstanceId is not null && HeartbeatChecks.Instance(member, request.MemberId, request.InstanceId) is { } fenced) return fenced;
        if (member is null) return HeartbeatChecks.UnknownMember(group.GroupId, request.MemberId);

        if (request.MemberEpoch == ConsumerMember.AwayEpoch)
        {
            // Its partitions stay its own until its session ends; who comes back may be in any epoch, so their epochs count no more.
            step.Write(ConsumerGroupRecords.Assignment(group.GroupId, member with
            {
                Epoch = ConsumerMember.AwayEpoch, Assigned = member.Assigned.At(0), PendingRevocation = OwnedPartitions.None,
            }));
        }
        else
        {
            MemberRemoval.Fence(context, step, group, [member]);
        }

        response = new ConsumerGroupHeartbeatResponse { MemberId = member.MemberId, MemberEpoch = request.MemberEpoch };
        return null;
    }

    private static ConsumerGroupHeartbeatResponse.AssignmentData Assignment(ConsumerMember member) => new()
    {
        TopicPartitions =
        [
            .. member.Assigned.ByTopic().Select(static topic => new ConsumerGroupHeartbeatResponse.TopicPartitionsData
            {
                TopicId = topic.Topic,
                Partitions = [.. topic.Partitions.Select(static partition => partition.Partition)],
            }),
        ],
    };
}
