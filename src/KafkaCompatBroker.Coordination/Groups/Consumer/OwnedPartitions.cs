using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>Partitions of a member with the epochs in which it got them, in the order of topic id and partition. Immutable.</summary>
internal sealed class OwnedPartitions
{
    private readonly AssignedPartition[] _partitions;

    private OwnedPartitions(AssignedPartition[] partitions) => _partitions = partitions;

    public static OwnedPartitions None { get; } = new([]);

    public bool IsEmpty => _partitions.Length == 0;

    public IReadOnlyList<AssignedPartition> All => _partitions;

    /// <summary>Sorts; of a partition that is there twice the last one counts.</summary>
    public static OwnedPartitions Of(IEnumerable<AssignedPartition> partitions)
    {
        AssignedPartition[] all = [.. partitions];
        if (!IsAscending(all)) all = [.. all.Reverse().DistinctBy(static partition => (partition.Topic, partition.Partition)).Order()];
        return all.Length == 0 ? None : new OwnedPartitions(all);
    }

    /// <summary>The epoch in which the partition was assigned; null when it is not among these.</summary>
    public int? EpochOf(Uuid topic, int partition)
    {
        int index = Array.BinarySearch(_partitions, new AssignedPartition(topic, partition, 0));
        return index >= 0 ? _partitions[index].Epoch : null;
    }

    public bool Contains(Uuid topic, int partition) => EpochOf(topic, partition) is not null;

    /// <summary>The same partitions as if all had been assigned in one epoch.</summary>
    public OwnedPartitions At(int epoch) => IsEmpty ? this : new([.. _partitions.Select(partition => partition with { Epoch = epoch })]);

    /// <summary>True when every one of the other partitions is among these.</summary>
    public bool Covers(PartitionsByTopic others)
    {
        foreach ((Uuid topic, int[] partitions) in others.Topics)
            foreach (int partition in partitions)
                if (!Contains(topic, partition)) return false;
        return true;
    }

    /// <summary>True when one of the other partitions is among these.</summary>
    public bool Intersects(PartitionsByTopic others)
    {
        foreach (AssignedPartition partition in _partitions)
            if (others.Contains(partition.Topic, partition.Partition)) return true;
        return false;
    }

    public bool SameAs(OwnedPartitions other) => ReferenceEquals(this, other) || _partitions.AsSpan().SequenceEqual(other._partitions);

    /// <summary>The partitions by topic.</summary>
    public IEnumerable<(Uuid Topic, AssignedPartition[] Partitions)> ByTopic()
    {
        for (int start = 0, end; start < _partitions.Length; start = end)
        {
            for (end = start + 1; end < _partitions.Length && _partitions[end].Topic == _partitions[start].Topic; end++);
            yield return (_partitions[start].Topic, _partitions[start..end]);
        }
    }

    private static bool IsAscending(AssignedPartition[] partitions)
    {
        for (int i = 1; i < partitions.Length; i++)
            if (partitions[i - 1].CompareTo(partitions[i]) >= 0) return false;
        return true;
    }
}
