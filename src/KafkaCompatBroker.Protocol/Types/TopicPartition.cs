namespace KafkaCompatBroker.Protocol.Types;

/// <summary>One partition of a topic by name.</summary>
public readonly record struct TopicPartition(string Topic, int Partition)
{
    /// <summary>The form of logs, tools and directory names: topic-partition.</summary>
    public override string ToString() => $"{Topic}-{Partition}";
}
