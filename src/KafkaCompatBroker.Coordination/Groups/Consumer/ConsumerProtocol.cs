using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>What consumers of the classic protocol put into the metadata and assignments of their group: a version, then a message.</summary>
internal static class ConsumerProtocol
{
    /// <summary>Protocol type of consumers.</summary>
    public const string Type = "consumer";

    /// <summary>Reads a subscription; null when it is none.</summary>
    public static ConsumerProtocolSubscription? ReadSubscription(ReadOnlyMemory<byte> bytes)
    {
        WireReader reader = new(bytes);
        try
        {
            short version = reader.ReadInt16();
            return version < 0 ? null : ConsumerProtocolSubscription.Read(ref reader, short.Min(version, ConsumerProtocolSubscription.HighestVersion));
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    /// <summary>Reads an assignment; null when it is none. No bytes are no partitions.</summary>
    public static ConsumerProtocolAssignment? ReadAssignment(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty) return new ConsumerProtocolAssignment();
        WireReader reader = new(bytes);
        try
        {
            short version = reader.ReadInt16();
            return version < 0 ? null : ConsumerProtocolAssignment.Read(ref reader, short.Min(version, ConsumerProtocolAssignment.HighestVersion));
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    /// <summary>Version in which a member wrote its subscription, and so understands an assignment.</summary>
    public static short VersionOf(ReadOnlyMemory<byte> subscription)
    {
        if (subscription.Length < sizeof(short)) return 0;
        WireReader reader = new(subscription);
        return short.Clamp(reader.ReadInt16(), 0, ConsumerProtocolAssignment.HighestVersion);
    }

    /// <summary>Writes an assignment; topics that are gone are left out.</summary>
    public static byte[] WriteAssignment(PartitionsByTopic partitions, short version, MetadataImage image)
    {
        ConsumerProtocolAssignment assignment = new()
        {
            AssignedPartitions =
            [
                .. partitions.Topics
                    .Select(topic => (image.Topic(topic.Topic)?.Name, topic.Partitions))
                    .Where(static topic => topic.Name is not null)
                    .Select(static topic => new ConsumerProtocolAssignment.TopicPartition { Topic = topic.Name!, Partitions = topic.Partitions }),
            ],
        };
        WireBuffer buffer = new();
        try
        {
            buffer.WriteInt16(version);
            assignment.Write(buffer, version);
            return buffer.ToArray();
        }
        finally
        {
            buffer.Dispose();
        }
    }

    /// <summary>Partitions by topic id; topics that do not exist are left out.</summary>
    public static PartitionsByTopic Resolve(IEnumerable<(string Topic, int[] Partitions)> partitions, MetadataImage image) => PartitionsByTopic.Of(partitions
        .Select(topic => (image.Topic(topic.Topic), topic.Partitions))
        .Where(static topic => topic.Item1 is not null)
        .Select(static topic => (topic.Item1!.Id, (IEnumerable<int>)topic.Partitions)));
}
