using System.Diagnostics.CodeAnalysis;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Assignors;

/// <summary>Some partitions of some topics: topics in the order of their ids, the partitions of each ascending and never none. Immutable.</summary>
public sealed class PartitionsByTopic : IEquatable<PartitionsByTopic>
{
    private readonly (Uuid Topic, int[] Partitions)[] _topics;

    private PartitionsByTopic((Uuid Topic, int[] Partitions)[] topics) => _topics = topics;

    /// <summary>No partitions.</summary>
    public static PartitionsByTopic Empty { get; } = new([]);

    /// <summary>The topics with their partitions; the arrays must not be changed.</summary>
    public IReadOnlyList<(Uuid Topic, int[] Partitions)> Topics => _topics;

    /// <summary>Number of partitions.</summary>
    public int Count => _topics.Sum(static topic => topic.Partitions.Length);

    /// <summary>Sorts, and drops what is there twice.</summary>
    public static PartitionsByTopic Of(IEnumerable<(Uuid Topic, IEnumerable<int> Partitions)> topics)
    {
        List<(Uuid Topic, int[] Partitions)> sorted = [];
        foreach ((Uuid topic, IEnumerable<int> partitions) in topics)
        {
            int[] copy = [.. partitions];
            if (copy.Length > 0) sorted.Add((topic, copy));
        }

        return Of(sorted);
    }

    /// <summary>Sorts single partitions, and drops what is there twice.</summary>
    public static PartitionsByTopic Of(IEnumerable<(Uuid Topic, int Partition)> partitions)
    {
        (Uuid Topic, int Partition)[] all = [.. partitions];
        List<(Uuid Topic, int[] Partitions)> sorted = [];
        for (int start = 0, end; start < all.Length; start = end)
        {
            // Mostly the partitions of a topic come one after the other.
            for (end = start + 1; end < all.Length && all[end].Topic == all[start].Topic; end++);
            int[] ofTopic = new int[end - start];
            for (int i = 0; i < ofTopic.Length; i++) ofTopic[i] = all[start + i].Partition;
            sorted.Add((all[start].Topic, ofTopic));
        }

        return Of(sorted);
    }

    /// <summary>The partitions of a topic, ascending; empty when there are none.</summary>
    public int[] this[Uuid topic]
    {
        get
        {
            int low = 0, high = _topics.Length - 1;
            while (low <= high)
            {
                int middle = (low + high) / 2;
                int order = _topics[middle].Topic.CompareTo(topic);
                if (order == 0) return _topics[middle].Partitions;
                if (order < 0) low = middle + 1;
                else high = middle - 1;
            }

            return [];
        }
    }

    public bool Contains(Uuid topic, int partition) => Array.BinarySearch(this[topic], partition) >= 0;

    public bool Equals([NotNullWhen(true)] PartitionsByTopic? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || _topics.Length != other._topics.Length) return false;
        for (int i = 0; i < _topics.Length; i++)
            if (_topics[i].Topic != other._topics[i].Topic || !_topics[i].Partitions.AsSpan().SequenceEqual(other._topics[i].Partitions)) return false;
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as PartitionsByTopic);

    public override int GetHashCode() => HashCode.Combine(_topics.Length, _topics.Length > 0 ? _topics[0].Topic : default);

    public override string ToString() => string.Join(", ", _topics.Select(static topic => $"{topic.Topic}[{string.Join(',', topic.Partitions)}]"));

    /// <summary>Takes the arrays over.</summary>
    private static PartitionsByTopic Of(List<(Uuid Topic, int[] Partitions)> topics)
    {
        if (topics.Count == 0) return Empty;
        topics.Sort(static (one, other) => one.Topic.CompareTo(other.Topic));
        int last = 0;
        for (int i = 1; i < topics.Count; i++)
        {
            if (topics[i].Topic == topics[last].Topic) topics[last] = (topics[last].Topic, [.. topics[last].Partitions, .. topics[i].Partitions]);
            else topics[++last] = topics[i];
        }

        topics.RemoveRange(last + 1, topics.Count - last - 1);
        for (int i = 0; i < topics.Count; i++)
            if (!IsAscending(topics[i].Partitions)) topics[i] = (topics[i].Topic, [.. topics[i].Partitions.Distinct().Order()]);
        return new PartitionsByTopic([.. topics]);
    }

    private static bool IsAscending(int[] partitions)
    {
        for (int i = 1; i < partitions.Length; i++)
            if (partitions[i - 1] >= partitions[i]) return false;
        return true;
    }
}
