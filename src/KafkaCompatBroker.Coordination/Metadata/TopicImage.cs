using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>One topic with its partitions; partition n is at index n. Immutable.</summary>
public sealed record TopicImage(string Name, Uuid Id, ImmutableArray<PartitionImage> Partitions)
{
    /// <summary>The partition, or null when the index is out of range.</summary>
    public PartitionImage? Partition(int index) => (uint)index < (uint)Partitions.Length ? Partitions[index] : null;
}
