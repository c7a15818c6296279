using System.Globalization;
using System.Text;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Storage.Checkpoints;

/// <summary>meta.properties of a log directory (version 1): which cluster and node it belongs to and its own id. A directory without one is not formatted.</summary>
public sealed record MetaProperties(string ClusterId, int NodeId, Uuid? DirectoryId)
{
    public const string FileName = "meta.properties";

    private const string VersionKey = "version";
    private const string ClusterIdKey = "cluster.id";
    private const string NodeIdKey = "node.id";
    private const string DirectoryIdKey = "directory.id";

    /// <summary>Null when the directory is not formatted.</summary>
    /// <exception cref="InvalidDataException">The file is there but says something else than expected.</exception>
    public static MetaProperties? Read(IFileStore store)
    {
        string path = Path.Combine(store.Root, FileName);
        if (store.ReadAll(path) is not { } content)
        {
            return null;
        }

        Dictionary<string, string> values = JavaProperties.Parse(Encoding.UTF8.GetString(content));
        string version = Required(values, VersionKey, path);
        if (version != "1")
        {
            throw new InvalidDataException($"{path}: {VersionKey}={version}, only 1 is known");
        }

        string nodeId = Required(values, NodeIdKey, path);
        if (!int.TryParse(nodeId, NumberStyles.None, CultureInfo.InvariantCulture, out int node))
        {
            throw new InvalidDataException($"{path}: {NodeIdKey}={nodeId} is not a node id");
        }

        Uuid? directoryId = null;
        if (values.TryGetValue(DirectoryIdKey, out string? text))
        {
            directoryId = Uuid.TryParse(text, out Uuid id) ? id : throw new InvalidDataException($"{path}: {DirectoryIdKey}={text} is not an id");
        }

        return new MetaProperties(Required(values, ClusterIdKey, path), node, directoryId);
    }

    public void Write(IFileStore store, DateTimeOffset writtenAt)
    {
        var values = new List<KeyValuePair<string, string>>
        {
            new(NodeIdKey, NodeId.ToString(CultureInfo.InvariantCulture)),
            new(VersionKey, "1"),
            new(ClusterIdKey, ClusterId),
        };
        if (DirectoryId is { } directoryId)
        {
            values.Insert(1, new(DirectoryIdKey, directoryId.ToString()));
        }

        store.Replace(Path.Combine(store.Root, FileName), Encoding.UTF8.GetBytes(JavaProperties.Format(values, writtenAt)), durable: true);
    }

    private static string Required(Dictionary<string, string> values, string key, string path)
        => values.TryGetValue(key, out string? value) && value.Length > 0 ? value : throw new InvalidDataException($"{path}: {key} is missing");
}
