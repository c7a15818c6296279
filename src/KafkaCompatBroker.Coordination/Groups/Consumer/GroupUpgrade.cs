using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Groups.Classic;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// Finds the group of a heartbeat. A member that joins makes a new one, and turns a classic group of consumers into a consumer group whose old members
/// go on with the classic protocol (group.consumer.migration.policy). What is made here is only for deciding; the group comes into being when its records are applied.
/// </summary>
internal static class GroupUpgrade
{
    // Assignments of such an assignor have data of its own, which would be lost. Operators search for these words.
    private const string UnsupportedAssignor =
        "an unsupported custom assignor is in use. Please refer to the documentation or switch to a default assignor before re-attempting the upgrade";

    /// <returns>GROUP_ID_NOT_FOUND when there is none and the member does not join, or when the group is one that cannot be changed; null otherwise.</returns>
    public static GroupError? TryGetOrCreate(ConsumerGroupContext context, ShardStep step, string groupId, bool isJoining, List<CoordinatorRecord> records, out ConsumerGroup group)
    {
        context.Table.TryFind(groupId, out Group? found);
        if (found is ConsumerGroup existing)
        {
            group = existing;
            return null;
        }

        group = new ConsumerGroup(context, groupId);
        if (!isJoining || found is not (null or ClassicGroup)) return new GroupError(ErrorCode.GroupIdNotFound, $"Group {groupId} not found.");
        if (found is not ClassicGroup classic) return null;
        if (!classic.IsEmpty) return TryConvert(context, step, classic, records, group);
        records.Add(CoordinatorRecord.Tombstone(new GroupMetadataKey { Group = groupId }));
        return null;
    }

    private static GroupError? TryConvert(ConsumerGroupContext context, ShardStep step, ClassicGroup classic, List<CoordinatorRecord> records, ConsumerGroup group)
    {
        if ((context.Table.Settings.ConsumerMigrationPolicy & GroupMigrationPolicy.Upgrade) == 0) return Refuse(group.GroupId, "group.consumer.migration.policy does not allow it");
        if (classic.ProtocolType != ConsumerProtocol.Type) return Refuse(group.GroupId, "it is not a group of consumers");
        if (classic.Members.Count > context.Table.Settings.ConsumerMaxSize) return Refuse(group.GroupId, "it has too many members");

        string protocol = classic.ProtocolName ?? classic.Members.SelectProtocol();
        foreach (ClassicMember member in classic.Members.All)
            if (TryConvert(context, classic, member, protocol, group) is { } reason) return Refuse(group.GroupId, reason);
        group.SetEpoch(classic.Generation, context.Hashes.OfGroup(group.SubscribedTopics(), context.Table.Image));
        group.SetTargetEpoch(classic.Generation, 0);

        // Who waits for a rebalance joins again, and finds the new group.
        foreach (ClassicMember member in classic.Members.All)
        {
            classic.Rebalance.AnswerWaiting(step, member, ErrorCode.RebalanceInProgress, ErrorCode.RebalanceInProgress);
            context.Timers.RenewSession(group.GroupId, member.MemberId, step.NowMs + member.SessionTimeoutMs);
        }

        Write(group, records);
        return null;
    }

    /// <returns>Why the member cannot be one of a consumer group; null when it can.</returns>
    private static string? TryConvert(ConsumerGroupContext context, ClassicGroup classic, ClassicMember member, string protocol, ConsumerGroup group)
    {
        if (ConsumerProtocol.ReadSubscription(member.MetadataFor(protocol)) is not { } subscription || ConsumerProtocol.ReadAssignment(member.Assignment) is not { } assignment)
            return "its members do not encode subscriptions and assignments as consumers do";
        if (assignment.UserData is { IsEmpty: false }) return UnsupportedAssignor;

        PartitionsByTopic assigned = ConsumerProtocol.Resolve(assignment.AssignedPartitions.Select(static topic => (topic.Topic, topic.Partitions)), context.Table.Image);

        // A leader may have given a partition to two members: only one can have it here.
        assigned = PartitionsByTopic.Of(assigned.Topics.SelectMany(static topic => topic.Partitions.Select(partition => (topic.Topic, partition))).Where(partition => group.IsFree(partition.Topic, partition.partition)));
        group.Put(new ConsumerMember(member.MemberId)
        {
            Epoch = classic.Generation,
            PreviousEpoch = classic.Generation,
            InstanceId = member.InstanceId,
            RackId = string.IsNullOrEmpty(subscription.RackId) ? null : subscription.RackId,
            RebalanceTimeoutMs = member.RebalanceTimeoutMs,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            TopicNames = ConsumerMember.Normalize(subscription.Topics),
            Assigned = OwnedPartitions.Of(assigned.Topics.SelectMany(topic => topic.Partitions.Select(partition => new AssignedPartition(topic.Topic, partition, classic.Generation)))),
            Classic = new ClassicMembership(member.SessionTimeoutMs, [.. member.Protocols.Select(static offer => new ClassicMembership.Offer(offer.Name, offer.Metadata))]),
        });
        group.SetTarget(member.MemberId, assigned);
        return null;
    }

    private static void Write(ConsumerGroup group, List<CoordinatorRecord> records)
    {
        records.Add(CoordinatorRecord.Tombstone(new GroupMetadataKey { Group = group.GroupId }));
        records.AddRange(group.Members.Values.Select(member => ConsumerGroupRecords.Member(group.GroupId, member)));
        records.Add(ConsumerGroupRecords.Epoch(group.GroupId, group.Epoch, group.MetadataHash));
        records.AddRange(group.Targets.Select(target => ConsumerGroupRecords.Target(group.GroupId, target.Key, target.Value)));
        records.Add(ConsumerGroupRecords.TargetEpoch(group.GroupId, group.TargetEpoch, group.TargetTimestampMs));
        records.AddRange(group.Members.Values.Select(member => ConsumerGroupRecords.Assignment(group.GroupId, member)));
    }

    private static GroupError Refuse(string groupId, string reason) => new(ErrorCode.GroupIdNotFound, $"Cannot upgrade classic group {groupId} to consumer group because {reason}.");
}
