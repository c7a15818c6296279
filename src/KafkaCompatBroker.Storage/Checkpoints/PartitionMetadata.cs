using System.Text;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Storage.Checkpoints;

/// <summary>partition.metadata: the id of the topic a partition directory belongs to (KIP-516).</summary>
public static class PartitionMetadata
{
    public const string FileName = "partition.metadata";

    private const string VersionLine = "version: 0";
    private const string TopicIdKey = "topic_id: ";

    /// <summary>The topic id; <see cref="Uuid.Zero"/> when the file is missing or damaged.</summary>
    public static Uuid Read(IFileStore store, string directory)
    {
        if (store.ReadAll(Path.Combine(directory, FileName)) is not { } content)
        {
            return Uuid.Zero;
        }

        string[] lines = Encoding.UTF8.GetString(content).Split('\n');
        return lines.Length >= 2
            && lines[0] == VersionLine
            && lines[1].StartsWith(TopicIdKey, StringComparison.Ordinal)
            && Uuid.TryParse(lines[1][TopicIdKey.Length..], out Uuid topicId) ? topicId : Uuid.Zero;
    }

    public static void Write(IFileStore store, string directory, Uuid topicId, bool durable)
        => store.Write(Path.Combine(directory, FileName), Encoding.UTF8.GetBytes($"{VersionLine}\n{TopicIdKey}{topicId}"), durable);
}
