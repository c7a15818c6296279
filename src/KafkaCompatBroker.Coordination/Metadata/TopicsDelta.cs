using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The part of <see cref="MetadataDelta"/> that concerns topics; a topic's partitions are copied once a delta.</summary>
internal sealed class TopicsDelta(MetadataImage image, MetadataChanges changes)
{
    private readonly Dictionary<Uuid, (string Name, ImmutableArray<PartitionImage>.Builder Partitions)> _changed = [];
    private readonly Dictionary<string, Uuid> _newNames = new(StringComparer.Ordinal);

    public void Apply(TopicRecord record)
    {
        _changed[record.TopicId] = (record.Name, ImmutableArray.CreateBuilder<PartitionImage>());
        _newNames[record.Name] = record.TopicId;
        changes.ChangedTopics.Add(record.TopicId);
    }

    public void Apply(PartitionRecord record)
    {
        ImmutableArray<PartitionImage>.Builder partitions = Change(record.TopicId);
        var partition = new PartitionImage
        {
            Replicas = record.Replicas,
            Directories = DirectoriesOf(record),
            Isr = record.Isr.AsSpan().SequenceEqual(record.Replicas) ? record.Replicas : record.Isr,
            RemovingReplicas = record.RemovingReplicas,
            AddingReplicas = record.AddingReplicas,
            EligibleLeaderReplicas = record.EligibleLeaderReplicas ?? [],
            LastKnownElr = record.LastKnownElr ?? [],
            Leader = record.Leader,
            LeaderRecoveryState = record.LeaderRecoveryState,
            LeaderEpoch = record.LeaderEpoch,
            PartitionEpoch = record.PartitionEpoch,
        };
        if (record.PartitionId < partitions.Count) partitions[record.PartitionId] = partition;
        else if (record.PartitionId == partitions.Count) partitions.Add(partition);
        else throw new InvalidOperationException($"Partition {record.PartitionId} of topic {record.TopicId} comes before partition {partitions.Count}.");
    }

    public void Apply(PartitionChangeRecord record)
    {
        ImmutableArray<PartitionImage>.Builder partitions = Change(record.TopicId);
        if ((uint)record.PartitionId >= (uint)partitions.Count)
            throw new InvalidOperationException($"Topic {record.TopicId} has no partition {record.PartitionId} to change.");
        partitions[record.PartitionId] = PartitionChanges.Apply(partitions[record.PartitionId], record);
    }

    public void Apply(ClearElrRecord record)
    {
        if (record.TopicName.Length > 0)
        {
            if (FindByName(record.TopicName) is { } id) ClearElr(id);
            return;
        }

        foreach (Uuid id in image.TopicsById.Keys.Concat(_changed.Keys).ToArray())
            if (!changes.DeletedTopics.ContainsKey(id)) ClearElr(id);
    }

    public TopicImage Remove(RemoveTopicRecord record)
    {
        ImmutableArray<PartitionImage>.Builder partitions = Change(record.TopicId);
        var removed = new TopicImage(_changed[record.TopicId].Name, record.TopicId, partitions.ToImmutable());
        _changed.Remove(record.TopicId);
        if (_newNames.GetValueOrDefault(removed.Name) == record.TopicId) _newNames.Remove(removed.Name);
        changes.ChangedTopics.Remove(record.TopicId);
        changes.DeletedTopics[record.TopicId] = removed;
        return removed;
    }

    public MetadataImage Into(MetadataImage target)
    {
        if (_changed.Count == 0 && changes.DeletedTopics.Count == 0) return target;
        ImmutableDictionary<string, TopicImage>.Builder byName = target.TopicsByName.ToBuilder();
        ImmutableDictionary<Uuid, TopicImage>.Builder byId = target.TopicsById.ToBuilder();
        foreach ((Uuid id, TopicImage deleted) in changes.DeletedTopics)
        {
            byId.Remove(id);
            byName.Remove(deleted.Name);
        }

        foreach ((Uuid id, (string name, ImmutableArray<PartitionImage>.Builder partitions)) in _changed)
        {
            var topic = new TopicImage(name, id, partitions.ToImmutable());
            byId[id] = topic;
            byName[name] = topic;
        }

        return target with { TopicsByName = byName.ToImmutable(), TopicsById = byId.ToImmutable() };
    }

    private static Uuid[] DirectoriesOf(PartitionRecord record) =>
        record.Directories.Length == record.Replicas.Length ? record.Directories : new Uuid[record.Replicas.Length];

    private Uuid? FindByName(string name) =>
        _newNames.TryGetValue(name, out Uuid id) ? id : image.Topic(name) is { } topic && !changes.DeletedTopics.ContainsKey(topic.Id) ? topic.Id : null;

    private void ClearElr(Uuid topicId)
    {
        ImmutableArray<PartitionImage> before = _changed.TryGetValue(topicId, out (string Name, ImmutableArray<PartitionImage>.Builder Partitions) changed)
            ? changed.Partitions.ToImmutable()
            : image.TopicsById[topicId].Partitions;
        for (int index = 0; index < before.Length; index++)
        {
            if (before[index].EligibleLeaderReplicas.Length == 0 && before[index].LastKnownElr.Length == 0) continue;
            Change(topicId)[index] = before[index] with
            {
                EligibleLeaderReplicas = [],
                LastKnownElr = [],
                PartitionEpoch = before[index].PartitionEpoch + 1,
            };
        }
    }

    private ImmutableArray<PartitionImage>.Builder Change(Uuid topicId)
    {
        if (_changed.TryGetValue(topicId, out (string Name, ImmutableArray<PartitionImage>.Builder Partitions) changed)) return changed.Partitions;
        TopicImage topic = changes.DeletedTopics.ContainsKey(topicId) ? null! : image.Topic(topicId)!;
        if (topic is null) throw new InvalidOperationException($"There is no topic {topicId}.");
        ImmutableArray<PartitionImage>.Builder partitions = topic.Partitions.ToBuilder();
        _changed[topicId] = (topic.Name, partitions);
        changes.ChangedTopics.Add(topicId);
        return partitions;
    }
}
