using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// Applies the records of consumer groups, the same on the leader and on reload. A compacted log has lost older records, so nothing is asked for
/// here that an older record would have said; what a tombstone deletes may not be there.
/// </summary>
internal static class ConsumerGroupReplay
{
    /// <returns>False when the record is not one of a consumer group.</returns>
    public static bool TryApply(ConsumerGroupContext context, in CoordinatorRecord record)
    {
        switch (record.Key)
        {
            case ConsumerGroupMetadataKey key:
                Apply(context, key, record.Value as ConsumerGroupMetadataValue);
                return true;
            case ConsumerGroupPartitionMetadataKey key:
                if (Group(context, key.GroupId, record.Value is not null) is { } old) old.HasPartitionMetadata = record.Value is not null;
                return true;
            case ConsumerGroupMemberMetadataKey key:
                Apply(context, key, record.Value as ConsumerGroupMemberMetadataValue);
                return true;
            case ConsumerGroupTargetAssignmentMetadataKey key:
                if (record.Value is ConsumerGroupTargetAssignmentMetadataValue target) Group(context, key.GroupId, true)!.SetTargetEpoch(target.AssignmentEpoch, target.AssignmentTimestamp);
                else Group(context, key.GroupId, false)?.SetTargetEpoch(-1, 0);
                return true;
            case ConsumerGroupTargetAssignmentMemberKey key:
                Apply(context, key, record.Value as ConsumerGroupTargetAssignmentMemberValue);
                return true;
            case ConsumerGroupCurrentMemberAssignmentKey key:
                Apply(context, key, record.Value as ConsumerGroupCurrentMemberAssignmentValue);
                return true;
            case ConsumerGroupRegularExpressionKey key:
                Apply(context, key, record.Value as ConsumerGroupRegularExpressionValue);
                return true;
            default:
                return false;
        }
    }

    private static void Apply(ConsumerGroupContext context, ConsumerGroupMetadataKey key, ConsumerGroupMetadataValue? value)
    {
        if (value is not null)
        {
            Group(context, key.GroupId, true)!.SetEpoch(value.Epoch, value.MetadataHash);
        }
        else if (Group(context, key.GroupId, false) is { } group)
        {
            context.CancelResolution(group.GroupId);
            context.Table.Remove(group.GroupId);
        }
    }

    private static void Apply(ConsumerGroupContext context, ConsumerGroupMemberMetadataKey key, ConsumerGroupMemberMetadataValue? value)
    {
        if (value is null)
        {
            Group(context, key.GroupId, false)?.Remove(key.MemberId);
            return;
        }

        ConsumerGroup group = Group(context, key.GroupId, true)!;
        group.Put((group.Member(key.MemberId) ?? new ConsumerMember(key.MemberId)) with
        {
            InstanceId = value.InstanceId,
            RackId = value.RackId,
            ClientId = value.ClientId,
            ClientHost = value.ClientHost,
            TopicNames = ConsumerMember.Normalize(value.SubscribedTopicNames),
            TopicRegex = value.SubscribedTopicRegex ?? "",
            RebalanceTimeoutMs = value.RebalanceTimeoutMs,
            Assignor = value.ServerAssignor,
            Classic = value.ClassicMemberMetadata is null ? null : new ClassicMembership(
                value.ClassicMemberMetadata.SessionTimeoutMs,
                [.. value.ClassicMemberMetadata.SupportedProtocols.Select(static offer => new ClassicMembership.Offer(offer.Name, offer.Metadata.ToArray()))]),
        });
    }

    private static void Apply(ConsumerGroupContext context, ConsumerGroupTargetAssignmentMemberKey key, ConsumerGroupTargetAssignmentMemberValue? value)
    {
        if (value is null) Group(context, key.GroupId, false)?.RemoveTarget(key.MemberId);
        else Group(context, key.GroupId, true)!.SetTarget(key.MemberId, PartitionsByTopic.Of(value.TopicPartitions.Select(static topic => (topic.TopicId, (IEnumerable<int>)topic.Partitions))));
    }

    private static void Apply(ConsumerGroupContext context, ConsumerGroupCurrentMemberAssignmentKey key, ConsumerGroupCurrentMemberAssignmentValue? value)
    {
        if (value is null)
        {
            if (Group(context, key.GroupId, false) is { } old && old.Member(key.MemberId) is { } member)
                old.Put(member with
                {
                    Epoch = ConsumerMember.LeavingEpoch, PreviousEpoch = ConsumerMember.LeavingEpoch,
                    Assigned = OwnedPartitions.None, PendingRevocation = OwnedPartitions.None,
                });
            return;
        }

        ConsumerGroup group = Group(context, key.GroupId, true)!;
        group.Put((group.Member(key.MemberId) ?? new ConsumerMember(key.MemberId)) with
        {
            Epoch = value.MemberEpoch,
            PreviousEpoch = value.PreviousMemberEpoch,
            State = value.State is >= 0 and <= (sbyte)MemberState.UnreleasedPartitions ? (MemberState)value.State : MemberState.Unknown,
            Assigned = Partitions(value.AssignedPartitions, value.MemberEpoch),
            PendingRevocation = Partitions(value.PartitionsPendingRevocation, value.MemberEpoch),
        });
    }

    private static void Apply(ConsumerGroupContext context, ConsumerGroupRegularExpressionKey key, ConsumerGroupRegularExpressionValue? value)
    {
        if (value is null) Group(context, key.GroupId, false)?.RemoveResolved(key.RegularExpression);
        else Group(context, key.GroupId, true)!.SetResolved(key.RegularExpression, new ResolvedRegex(value.Topics.ToHashSet(StringComparer.Ordinal), value.Version, value.Timestamp));
    }

    // Before 4.3 partitions had no epochs of their own: they count as assigned in the member's.
    private static OwnedPartitions Partitions(ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions[] topics, int memberEpoch) => OwnedPartitions.Of(topics.SelectMany(topic =>
        topic.Partitions.Select((partition, index) => new AssignedPartition(
            topic.TopicId, partition, topic.AssignmentEpochs is { } epochs && index < epochs.Length ? epochs[index] : memberEpoch))));

    /// <summary>The group of a record. A group without members that only held offsets gives way, since no record of it is in the log.</summary>
    private static ConsumerGroup? Group(ConsumerGroupContext context, string groupId, bool create)
    {
        if (context.Table.TryFind(groupId, out Group? found) && found is ConsumerGroup group) return group;
        if (!create) return null;
        if (found is { IsEmpty: false }) throw new InvalidOperationException($"The log has records of a consumer group for {groupId}, which is a group of another kind");
        ConsumerGroup created = new(context, groupId);
        context.Table.Put(created);
        return created;
    }
}
