using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Offsets;

/// <summary>Deletes offsets that nobody has used for offsets.retention.minutes, those of deleted topics, and groups that have neither members nor offsets.</summary>
internal sealed class OffsetRetention
{
    private readonly GroupTable _table;
    private readonly OffsetTable _offsets;
    private readonly Deadline _next;

    public OffsetRetention(GroupTable table, OffsetTable offsets)
    {
        (_table, _offsets) = (table, offsets);
        _next = table.Deadlines.Make(Expire);
    }

    /// <summary>Looks through the offsets from time to time from now on.</summary>
    public void Start(ShardStep step) => _next.Set(step.NowMs + _table.Settings.OffsetsRetentionCheckIntervalMs);

    /// <summary>Deletes all offsets of a group, also those of open transactions.</summary>
    public void DeleteAll(ShardStep step, string groupId)
    {
        if (_offsets.Of(groupId) is { } ofGroup)
        {
            foreach ((string topic, Dictionary<int, CommittedOffset> partitions) in ofGroup.Topics)
            {
                foreach (int index in partitions.Keys) step.Write(OffsetRecords.Tombstone(groupId, new TopicPartition(topic, index)));
            }
        }

        foreach (TopicPartition partition in _offsets.PendingPartitions(groupId))
        {
            if (_offsets.Find(groupId, partition) is null) step.Write(OffsetRecords.Tombstone(groupId, partition));
        }
    }

    /// <summary>Deletes the offsets of topics that are no more. A topic made anew under the name keeps what was committed for it.</summary>
    public void TopicsDeleted(ShardStep step, IReadOnlyCollection<TopicImage> topics)
    {
        foreach ((string groupId, GroupOffsets ofGroup) in _offsets.Committed)
        {
            foreach (TopicImage topic in topics)
            {
                if (!ofGroup.Topics.TryGetValue(topic.Name, out Dictionary<int, CommittedOffset>? partitions)) continue;
                foreach ((int index, CommittedOffset offset) in partitions)
                {
                    if (offset.IsOf(topic.Id)) step.Write(OffsetRecords.Tombstone(groupId, new TopicPartition(topic.Name, index)));
                }
            }
        }

        HashSet<string> names = topics.Select(topic => topic.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string groupId in _offsets.PendingGroups)
        {
            foreach (TopicPartition partition in _offsets.PendingPartitions(groupId))
            {
                if (names.Contains(partition.Topic) && _offsets.Find(groupId, partition) is null) step.Write(OffsetRecords.Tombstone(groupId, partition));
            }
        }
    }

    private void Expire(ShardStep step)
    {
        Start(step);
        foreach (Group group in _table.Groups)
        {
            bool isLeftWithout = ExpireOffsets(step, group);
            if (isLeftWithout && group.IsEmpty && group.MayBeForgotten && !_offsets.HasPending(group.GroupId)) group.WriteTombstones(step);
        }
    }

    /// <summary>Deletes what is too old; true when nothing is left.</summary>
    private bool ExpireOffsets(ShardStep step, Group group)
    {
        if (_offsets.Of(group.GroupId) is not { } ofGroup) return true;

        bool isLeftWithout = true;
        foreach ((string topic, Dictionary<int, CommittedOffset> partitions) in ofGroup.Topics)
        {
            bool isSubscribed = group.IsSubscribedTo(topic);
            foreach ((int index, CommittedOffset offset) in partitions)
            {
                var partition = new TopicPartition(topic, index);
                if (!isSubscribed && IsExpired(step, group, offset) && !_offsets.IsPending(group.GroupId, partition)) step.Write(OffsetRecords.Tombstone(group.GroupId, partition));
                else isLeftWithout = false;
            }
        }

        return isLeftWithout;
    }

    private bool IsExpired(ShardStep step, Group group, CommittedOffset offset)
    {
        if (group.OffsetAgesSinceMs(offset.CommitTimestampMs) is not { } sinceMs) return false;
        return offset.ExpireTimestampMs >= 0
            ? step.WallClockMs >= offset.ExpireTimestampMs
            : step.WallClockMs - sinceMs >= _table.Settings.OffsetsRetentionMs;
    }
}
