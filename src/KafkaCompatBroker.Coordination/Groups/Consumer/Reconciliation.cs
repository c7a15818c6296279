using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// Takes one member one step nearer to its target: first it gives up what is no longer its own, and only when it says that it did does it get the target's
/// epoch and what is free of the target. So no partition has two owners.
/// </summary>
/// <param name="group">The group as it stands in the log.</param>
/// <param name="member">The member, with the subscription it has now.</param>
/// <param name="targetEpoch">Epoch of the target.</param>
/// <param name="target">What the member should have.</param>
/// <param name="owned">What the member says it owns; null when it does not say.</param>
/// <param name="image">The cluster.</param>
internal sealed class Reconciliation(ConsumerGroup group, ConsumerMember member, int targetEpoch, PartitionsByTopic target, PartitionsByTopic? owned, MetadataImage image)
{
    /// <param name="hasNewSubscription">True when the member may own topics to which it does not subscribe any more.</param>
    /// <param name="next">The member after the step; the same one when there is nothing to do.</param>
    /// <returns>FENCED_MEMBER_EPOCH for a member in a state that a later version of Kafka wrote, until it starts anew; null otherwise.</returns>
    public GroupError? TryStep(bool hasNewSubscription, out ConsumerMember next)
    {
        next = member;
        switch (member.State)
        {
            case MemberState.Stable:
                if (member.Epoch != targetEpoch) next = Advance(member.Epoch);
                else if (hasNewSubscription) next = DropUnsubscribed();
                return null;
            case MemberState.UnrevokedPartitions when Owns(member.PendingRevocation):
                if (hasNewSubscription) next = DropUnsubscribed();
                return null;
            case MemberState.UnrevokedPartitions:
            case MemberState.UnreleasedPartitions:
                next = Advance(member.Epoch);
                return null;
            default:
                if (owned is not { Count: 0 }) return new GroupError(ErrorCode.FencedMemberEpoch, "The state of this member was written by a later version; it has to join again without partitions.");
                next = Advance(targetEpoch);
                return null;
        }
    }

    /// <summary>True when the member says that it owns one of these, or says nothing.</summary>
    private bool Owns(OwnedPartitions partitions) => owned is null || partitions.Intersects(owned);

    private bool IsSubscribed(Uuid topicId)
    {
        if (image.Topic(topicId) is not { } topic) return false;
        return Array.BinarySearch(member.TopicNames, topic.Name, StringComparer.Ordinal) >= 0 ||
            (member.HasRegex && group.Resolved.TryGetValue(member.TopicRegex, out ResolvedRegex? resolved) && resolved.Topics.Contains(topic.Name));
    }

    /// <summary>Only takes away what the member does not subscribe to any more.</summary>
    private ConsumerMember DropUnsubscribed()
    {
        OwnedPartitions kept = OwnedPartitions.Of(member.Assigned.All.Where(partition => IsSubscribed(partition.Topic)));
        if (kept.All.Count == member.Assigned.All.Count) return member;
        OwnedPartitions revoked = OwnedPartitions.Of(member.PendingRevocation.All.Concat(member.Assigned.All.Where(partition => !kept.Contains(partition.Topic, partition.Partition))));
        return Owns(revoked)
            ? member.MoveTo(member.Epoch) with { State = MemberState.UnrevokedPartitions, Assigned = kept, PendingRevocation = revoked }
            : member.MoveTo(member.Epoch) with { Assigned = kept };
    }

    /// <param name="epoch">The epoch in which the member stays while it has to give up partitions.</param>
    private ConsumerMember Advance(int epoch)
    {
        PartitionsByTopic wanted = PartitionsByTopic.Of(target.Topics.Where(topic => IsSubscribed(topic.Topic)).Select(static topic => (topic.Topic, (IEnumerable<int>)topic.Partitions)));
        OwnedPartitions kept = OwnedPartitions.Of(member.Assigned.All.Where(partition => wanted.Contains(partition.Topic, partition.Partition)));
        OwnedPartitions revoked = OwnedPartitions.Of(member.Assigned.All.Where(partition => !wanted.Contains(partition.Topic, partition.Partition)));
        if (!revoked.IsEmpty && Owns(revoked))
            return member.MoveTo(epoch) with { State = MemberState.UnrevokedPartitions, Assigned = kept, PendingRevocation = revoked };

        List<AssignedPartition> assigned = [.. kept.All];
        bool mustWait = false;
        foreach ((Uuid topic, int[] partitions) in wanted.Topics)
            foreach (int partition in partitions)
            {
                if (kept.Contains(topic, partition)) continue;
                if (group.IsFree(topic, partition) || member.PendingRevocation.Contains(topic, partition)) assigned.Add(new AssignedPartition(topic, partition, targetEpoch));
                else mustWait = true;
            }

        return member.MoveTo(targetEpoch) with
        {
            State = mustWait ? MemberState.UnreleasedPartitions : MemberState.Stable,
            Assigned = OwnedPartitions.Of(assigned),
            PendingRevocation = OwnedPartitions.None,
        };
    }
}
