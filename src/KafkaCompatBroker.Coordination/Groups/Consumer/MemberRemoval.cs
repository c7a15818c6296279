using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>Takes members out of a group: they left, or were not heard for too long.</summary>
internal static class MemberRemoval
{
    public static void Fence(ConsumerGroupContext context, ShardStep step, ConsumerGroup group, IReadOnlyCollection<ConsumerMember> members)
    {
        if (members.Count == 0) return;
        foreach (ConsumerMember member in members) context.Timers.Leave(group.GroupId, member.MemberId);
        if (GroupDowngrade.IsDue(context, group, members))
        {
            GroupDowngrade.AfterLeaving(context, step, group, members);
            return;
        }

        foreach (ConsumerMember member in members)
            foreach (CoordinatorRecord record in ConsumerGroupRecords.MemberTombstones(group.GroupId, member.MemberId)) step.Write(record);

        // An expression goes with the last member that subscribed to it.
        foreach (IGrouping<string, ConsumerMember> regex in members.Where(static member => member.HasRegex).GroupBy(static member => member.TopicRegex, StringComparer.Ordinal))
            if (group.Counts.Regexes.GetValueOrDefault(regex.Key) == regex.Count()) step.Write(ConsumerGroupRecords.RegexTombstone(group.GroupId, regex.Key));

        long hash = context.Hashes.OfGroup(group.SubscribedTopicsWithout(members), context.Table.Image);
        step.Write(ConsumerGroupRecords.Epoch(group.GroupId, group.Epoch + 1, hash));

        // The next first member does not wait for the assignment interval.
        if (group.Members.Count == members.Count) step.Write(ConsumerGroupRecords.TargetEpoch(group.GroupId, group.TargetEpoch, 0));
    }
}
