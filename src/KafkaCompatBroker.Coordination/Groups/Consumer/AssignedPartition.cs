using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>A partition that a member owns, and the epoch in which it got it (KIP-1251).</summary>
internal readonly record struct AssignedPartition(Uuid Topic, int Partition, int Epoch) : IComparable<AssignedPartition>
{
    public int CompareTo(AssignedPartition other)
    {
        int order = Topic.CompareTo(other.Topic);
        return order != 0 ? order : Partition.CompareTo(other.Partition);
    }
}
