namespace KafkaCompatBroker.Protocol.Types;

/// <summary>One partition of a topic by id.</summary>
public readonly record struct TopicIdPartition(Uuid TopicId, int Partition)
{
    public override string ToString() => $"{TopicId}:{Partition}";
}
