using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KafkaCompatBroker.Coordination.Metadata;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// Hashes that tell whether the topics of a group changed: ids, names, partition counts, racks of replicas (KIP-1101). They stand in the log, and are
/// the same as Kafka's, so that a group does not rebalance when another broker takes it over.
/// </summary>
internal sealed class TopicHashes
{
    /// <summary>Version of the layout that is hashed.</summary>
    private const byte LayoutVersion = 0;

    private readonly Dictionary<string, ulong> _known = new(StringComparer.Ordinal);

    /// <summary>Forgets what was computed from metadata that has changed.</summary>
    public void Clear() => _known.Clear();

    /// <summary>The hash of those of the topics that exist; 0 for none.</summary>
    public long OfGroup(IEnumerable<string> topics, MetadataImage image)
    {
        List<byte> bytes = [];
        foreach (string name in topics.Order(StringComparer.Ordinal))
            if (image.Topic(name) is { } topic) Append(bytes, (long)OfTopic(topic, image));
        return bytes.Count == 0 ? 0 : (long)XxHash3.Hash(CollectionsMarshal.AsSpan(bytes));
    }

    private ulong OfTopic(TopicImage topic, MetadataImage image)
    {
        if (_known.TryGetValue(topic.Name, out ulong hash)) return hash;
        List<byte> bytes = [LayoutVersion];
        Append(bytes, (long)topic.Id.High);
        Append(bytes, (long)topic.Id.Low);
        Append(bytes, topic.Name);
        Append(bytes, topic.Partitions.Length);
        for (int partition = 0; partition < topic.Partitions.Length; partition++)
        {
            Append(bytes, partition);
            foreach (string rack in topic.Partitions[partition].Replicas.Select(id => image.Brokers.GetValueOrDefault(id)?.Rack).OfType<string>().Order(StringComparer.Ordinal))
            {
                // The length goes ahead so that two racks are not taken for one.
                Append(bytes, rack.Length);
                Append(bytes, rack);
            }
        }

        return _known[topic.Name] = XxHash3.Hash(CollectionsMarshal.AsSpan(bytes));
    }

    private static void Append(List<byte> bytes, int value)
    {
        Span<byte> span = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(span, value);
        bytes.AddRange(span);
    }

    private static void Append(List<byte> bytes, long value)
    {
        Span<byte> span = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(span, value);
        bytes.AddRange(span);
    }

    /// <summary>UTF-16 units, then their number.</summary>
    private static void Append(List<byte> bytes, string text)
    {
        foreach (char unit in text)
        {
            bytes.Add((byte)unit);
            bytes.Add((byte)(unit >> 8));
        }

        Append(bytes, text.Length);
    }
}
