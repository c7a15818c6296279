using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>Finds the topics that match the regular expressions of a group.</summary>
internal static class RegexResolution
{
    public static void Run(ConsumerGroupContext context, ShardStep step, string groupId)
    {
        if (context.Find(groupId) is not { } group) return;
        MetadataImage image = context.Table.Image;
        HashSet<string> topics = new(group.Counts.Names.Keys, StringComparer.Ordinal);
        bool hasChanged = false;
        foreach (string regex in group.Counts.Regexes.Keys.Order(StringComparer.Ordinal))
        {
            TopicPattern? pattern = context.Patterns.Find(regex, out _);
            ResolvedRegex resolved = new(
                pattern is null ? new HashSet<string>() : image.TopicsByName.Keys.Where(pattern.Matches).ToHashSet(StringComparer.Ordinal), image.Offset, step.WallClockMs);
            hasChanged |= !resolved.Topics.SetEquals(group.Resolved.TryGetValue(regex, out ResolvedRegex? old) ? old.Topics : new HashSet<string>());
            topics.UnionWith(resolved.Topics);
            step.Write(ConsumerGroupRecords.Regex(groupId, regex, resolved));
        }

        long hash = context.Hashes.OfGroup(topics, image);
        if (!hasChanged && hash == group.MetadataHash) return;
        step.Write(ConsumerGroupRecords.Epoch(groupId, group.Epoch + 1, hash));
    }
}
