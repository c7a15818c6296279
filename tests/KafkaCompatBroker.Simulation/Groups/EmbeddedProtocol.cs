using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>Subscriptions and assignments as consumers of the classic protocol encode them.</summary>
internal static class EmbeddedProtocol
{
    private const short Version = 1;

    public static byte[] Subscription(string topic, params (string Topic, int[] Partitions)[] owned) => Versioned(new ConsumerProtocolSubscription
    {
        Topics = [topic],
        OwnedPartitions = [.. owned.Select(static each => new ConsumerProtocolSubscription.TopicPartition { Topic = each.Topic, Partitions = each.Partitions })],
    });

    public static byte[] Encode(params (string Topic, int[] Partitions)[] assignment) => Versioned(new ConsumerProtocolAssignment
    {
        AssignedPartitions = [.. assignment.Select(static each => new ConsumerProtocolAssignment.TopicPartition { Topic = each.Topic, Partitions = each.Partitions })],
    });

    public static string Decode(ReadOnlyMemory<byte> assignment) => string.Join(' ', Partitions(assignment).Select(static topic => $"{topic.Topic}[{string.Join(',', topic.Partitions)}]"));

    public static ConsumerProtocolAssignment.TopicPartition[] Partitions(ReadOnlyMemory<byte> assignment)
    {
        if (assignment.IsEmpty) return [];
        WireReader reader = new(assignment);
        short version = reader.ReadInt16();
        return ConsumerProtocolAssignment.Read(ref reader, version).AssignedPartitions;
    }

    private static byte[] Versioned(IMessage message)
    {
        using WireBuffer buffer = new();
        buffer.WriteInt16(Version);
        message.Write(buffer, Version);
        return buffer.ToArray();
    }
}
