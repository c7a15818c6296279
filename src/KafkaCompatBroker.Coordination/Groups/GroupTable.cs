using System.Diagnostics.CodeAnalysis;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>The groups of a shard, and what all of them share.</summary>
/// <param name="settings">The broker's present settings.</param>
/// <param name="newId">Source of new ids.</param>
public sealed class GroupTable(Func<GroupSettings> settings, Func<Uuid> newId)
{
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);

    /// <summary>The broker's present settings.</summary>
    public GroupSettings Settings => settings();

    /// <summary>The cluster as the shard knows it.</summary>
    public MetadataImage Image { get; internal set; } = MetadataImage.Empty;

    /// <summary>True from the end of loading: before, records are read; after, they are what the shard itself decided.</summary>
    public bool IsLoaded { get; internal set; }

    public DeadlineQueue Deadlines { get; } = new();

    public IReadOnlyCollection<Group> Groups => _groups.Values;

    /// <summary>A new random id.</summary>
    public Uuid NewId() => newId();

    public bool TryFind(string groupId, [NotNullWhen(true)] out Group? group) => _groups.TryGetValue(groupId, out group);

    /// <summary>Adds a group, or puts it in the place of the one of that name.</summary>
    public void Put(Group group) => _groups[group.GroupId] = group;

    public void Remove(string groupId) => _groups.Remove(groupId);
}
