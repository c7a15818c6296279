using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>Computes what every member of a group should have.</summary>
internal static class TargetAssignment
{
    /// <summary>Computes the target anew when the group has reached a new epoch and the last time is long enough ago (KIP-1263); records only what differs.</summary>
    /// <returns>Epoch of the target in force, and what the member of the update should have.</returns>
    public static (int Epoch, PartitionsByTopic Target) Update(MemberUpdate update)
    {
        ConsumerGroup group = update.Group;
        ConsumerMember after = update.After;
        int intervalMs = update.Context.AssignmentIntervalMs(group.GroupId);
        bool isDue = group.TargetTimestampMs == 0 || intervalMs == 0 || update.Step.WallClockMs >= group.TargetTimestampMs + intervalMs;
        if (group.TargetEpoch >= update.Epoch || !isDue) return (group.TargetEpoch, group.TargetOf(after.MemberId, after.InstanceId));

        string? replacedId = group.StaticMember(after.InstanceId) is { } current && current.MemberId != after.MemberId ? current.MemberId : null;
        ConsumerMember[] members = [.. group.Members.Values.Where(member => member.MemberId != after.MemberId && member.MemberId != replacedId), after];
        AssignorGroup input = Input(group, members, after, update.Context.Table.Image);
        IGroupAssignor assignor = update.Context.Assignor(group.PreferredAssignor(update.Before, after) ?? update.Context.DefaultAssignor);
        IReadOnlyDictionary<string, PartitionsByTopic> targets = assignor.Assign(input);

        foreach (string memberId in members.Select(static member => member.MemberId).Order(StringComparer.Ordinal))
        {
            PartitionsByTopic target = targets[memberId];
            if (!target.Equals(group.Targets.GetValueOrDefault(memberId))) update.Records.Add(ConsumerGroupRecords.Target(group.GroupId, memberId, target));
        }

        update.Records.Add(ConsumerGroupRecords.TargetEpoch(group.GroupId, update.Epoch, update.Step.WallClockMs));
        return (update.Epoch, targets[after.MemberId]);
    }

    private static AssignorGroup Input(ConsumerGroup group, ConsumerMember[] members, ConsumerMember after, MetadataImage image)
    {
        // Members mostly have the same subscription: they share one set of topics.
        Dictionary<string, IReadOnlySet<Uuid>> subscriptions = new(StringComparer.Ordinal);
        return new AssignorGroup(
            [.. members.Select(member => new AssignorMember(member.MemberId, member.InstanceId, Topics(member), group.TargetOf(member.MemberId, member == after ? member.InstanceId : null)))],
            topic => image.Topic(topic)?.Partitions.Length ?? 0);

        IReadOnlySet<Uuid> Topics(ConsumerMember member)
        {
            string key = string.Join(' ', [member.TopicRegex, .. member.TopicNames]);
            if (subscriptions.TryGetValue(key, out IReadOnlySet<Uuid>? topics)) return topics;
            IEnumerable<string> names = member.HasRegex && group.Resolved.TryGetValue(member.TopicRegex, out ResolvedRegex? resolved) ? member.TopicNames.Concat(resolved.Topics) : member.TopicNames;
            topics = names.Select(image.Topic).OfType<TopicImage>().Select(static topic => topic.Id).ToHashSet();
            subscriptions.Add(key, topics);
            return topics;
        }
    }
}
