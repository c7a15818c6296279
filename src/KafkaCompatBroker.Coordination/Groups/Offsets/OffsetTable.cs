using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Offsets;

/// <summary>
/// All offsets of a shard: those that count, and for each producer those of its open transaction. Changed only by records and markers of the log.
/// </summary>
internal sealed class OffsetTable
{
    private readonly Dictionary<string, GroupOffsets> _committed = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Dictionary<string, GroupOffsets>> _pending = [];
    private readonly Dictionary<string, HashSet<long>> _producers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _topicNames = new(StringComparer.Ordinal);

    /// <summary>The groups that have offsets.</summary>
    public IReadOnlyDictionary<string, GroupOffsets> Committed => _committed;

    /// <summary>Offsets that count; null when the group has none.</summary>
    public GroupOffsets? Of(string groupId) => _committed.GetValueOrDefault(groupId);

    public CommittedOffset? Find(string groupId, TopicPartition partition) => Of(groupId)?.Find(partition);

    /// <summary>True when an open transaction will change an offset of the group.</summary>
    public bool HasPending(string groupId) => _producers.ContainsKey(groupId);

    /// <summary>True when an open transaction will change this offset.</summary>
    public bool IsPending(string groupId, TopicPartition partition) =>
        _producers.TryGetValue(groupId, out HashSet<long>? producers) && producers.Any(producer => _pending[producer][groupId].Find(partition) is not null);

    /// <summary>The partitions of a group that open transactions will change, each once.</summary>
    public IEnumerable<TopicPartition> PendingPartitions(string groupId) =>
        !_producers.TryGetValue(groupId, out HashSet<long>? producers) ? [] : producers.SelectMany(producer => Partitions(_pending[producer][groupId])).Distinct();

    /// <summary>The groups with offsets that open transactions will change.</summary>
    public IReadOnlyCollection<string> PendingGroups => _producers.Keys;

    /// <summary>Takes an offset from the log: one that counts, or one of a producer's transaction.</summary>
    public void Put(string groupId, TopicPartition partition, CommittedOffset offset, long producerId)
    {
        if (producerId < 0)
        {
            PutCommitted(groupId, partition, offset);
            return;
        }

        if (!_pending.TryGetValue(producerId, out Dictionary<string, GroupOffsets>? groups)) _pending.Add(producerId, groups = new(StringComparer.Ordinal));
        if (!groups.TryGetValue(groupId, out GroupOffsets? offsets))
        {
            groups.Add(groupId, offsets = new GroupOffsets());
            if (!_producers.TryGetValue(groupId, out HashSet<long>? producers)) _producers.Add(groupId, producers = []);
            producers.Add(producerId);
        }

        offsets.Put(Shared(partition), offset);
    }

    /// <summary>Deletes an offset, and what open transactions had in mind for it.</summary>
    public void Remove(string groupId, TopicPartition partition)
    {
        if (_committed.TryGetValue(groupId, out GroupOffsets? offsets) && offsets.Remove(partition) && offsets.IsEmpty) _committed.Remove(groupId);
        if (!_producers.TryGetValue(groupId, out HashSet<long>? producers)) return;
        foreach (long producer in producers.ToArray())
        {
            GroupOffsets pending = _pending[producer][groupId];
            if (pending.Remove(partition) && pending.IsEmpty) DropPending(producer, groupId);
        }
    }

    /// <summary>Ends a producer's transaction: its offsets count from now on, or are forgotten.</summary>
    public void End(long producerId, bool isCommit)
    {
        if (!_pending.TryGetValue(producerId, out Dictionary<string, GroupOffsets>? groups)) return;
        foreach ((string groupId, GroupOffsets offsets) in groups.ToArray())
        {
            if (isCommit) CommitAll(groupId, offsets);
            DropPending(producerId, groupId);
        }
    }

    private static IEnumerable<TopicPartition> Partitions(GroupOffsets offsets) =>
        offsets.Topics.SelectMany(topic => topic.Value.Keys.Select(partition => new TopicPartition(topic.Key, partition)));

    private void CommitAll(string groupId, GroupOffsets offsets)
    {
        foreach ((string topic, Dictionary<int, CommittedOffset> partitions) in offsets.Topics)
        {
            foreach ((int index, CommittedOffset offset) in partitions)
            {
                // The log's order counts, not that of the markers: compaction would keep the later record too.
                var partition = new TopicPartition(topic, index);
                if (Find(groupId, partition) is not { } present || present.RecordOffset < offset.RecordOffset) PutCommitted(groupId, partition, offset);
            }
        }
    }

    private void PutCommitted(string groupId, TopicPartition partition, CommittedOffset offset)
    {
        if (!_committed.TryGetValue(groupId, out GroupOffsets? offsets)) _committed.Add(groupId, offsets = new GroupOffsets());
        offsets.Put(Shared(partition), offset);
    }

    private void DropPending(long producerId, string groupId)
    {
        Dictionary<string, GroupOffsets> groups = _pending[producerId];
        groups.Remove(groupId);
        if (groups.Count == 0) _pending.Remove(producerId);
        HashSet<long> producers = _producers[groupId];
        producers.Remove(producerId);
        if (producers.Count == 0) _producers.Remove(groupId);
    }

    /// <summary>One string for each topic, however many groups read it.</summary>
    private TopicPartition Shared(TopicPartition partition)
    {
        if (_topicNames.TryGetValue(partition.Topic, out string? name)) return partition with { Topic = name };
        _topicNames.Add(partition.Topic);
        return partition;
    }
}
