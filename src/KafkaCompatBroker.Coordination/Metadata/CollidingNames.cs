using System.Diagnostics.CodeAnalysis;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>
/// Topics whose names have a dot or an underscore, by the form in which they would collide. Follows the image, so that nobody has to look at every topic
/// before one is created.
/// </summary>
internal sealed class CollidingNames
{
    private readonly Dictionary<string, List<string>> _byKey = new(StringComparer.Ordinal);

    /// <summary>Another topic that the name would collide with.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out string? other)
    {
        other = TopicName.HasCollisionCharacters(name) && _byKey.TryGetValue(TopicName.CollisionKey(name), out List<string>? names) ? names[0] : null;
        return other is not null;
    }

    /// <summary>Takes note of what was created and deleted.</summary>
    public void Changed(MetadataImage before, MetadataImage after, MetadataChanges changes)
    {
        foreach (TopicImage deleted in changes.DeletedTopics.Values)
            if (before.Topic(deleted.Id) is not null) Remove(deleted.Name);
        foreach (Uuid id in changes.ChangedTopics)
            if (before.Topic(id) is null && after.Topic(id) is { } topic) Add(topic.Name);
    }

    private void Add(string name)
    {
        if (!TopicName.HasCollisionCharacters(name)) return;
        string key = TopicName.CollisionKey(name);
        if (_byKey.TryGetValue(key, out List<string>? names)) names.Add(name);
        else _byKey[key] = [name];
    }

    private void Remove(string name)
    {
        if (!TopicName.HasCollisionCharacters(name) || !_byKey.TryGetValue(TopicName.CollisionKey(name), out List<string>? names)) return;
        names.Remove(name);
        if (names.Count == 0) _byKey.Remove(TopicName.CollisionKey(name));
    }
}
