using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Offsets;

/// <summary>The offsets of one group by topic and partition.</summary>
internal sealed class GroupOffsets
{
    private readonly Dictionary<string, Dictionary<int, CommittedOffset>> _topics = new(1, StringComparer.Ordinal);

    public bool IsEmpty => _topics.Count == 0;

    public int Count => _topics.Values.Sum(partitions => partitions.Count);

    public IReadOnlyDictionary<string, Dictionary<int, CommittedOffset>> Topics => _topics;

    public CommittedOffset? Find(TopicPartition partition) => _topics.GetValueOrDefault(partition.Topic)?.GetValueOrDefault(partition.Partition);

    public void Put(TopicPartition partition, CommittedOffset offset)
    {
        if (!_topics.TryGetValue(partition.Topic, out Dictionary<int, CommittedOffset>? partitions)) _topics.Add(partition.Topic, partitions = new Dictionary<int, CommittedOffset>(1));
        partitions[partition.Partition] = offset;
    }

    public bool Remove(TopicPartition partition)
    {
        if (!_topics.TryGetValue(partition.Topic, out Dictionary<int, CommittedOffset>? partitions) || !partitions.Remove(partition.Partition)) return false;
        if (partitions.Count == 0) _topics.Remove(partition.Topic);
        return true;
    }
}
