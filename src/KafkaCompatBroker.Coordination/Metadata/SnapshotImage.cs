using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The image that a snapshot holds, and what it changes for those who have an earlier one.</summary>
public static class SnapshotImage
{
    /// <summary>Builds the image.</summary>
    /// <param name="records">The state as records.</param>
    /// <param name="offset">Offset of the last record that the snapshot replaces.</param>
    /// <param name="epoch">Leader epoch of that record.</param>
    /// <param name="before">The image that listeners have seen last.</param>
    /// <returns>The image, and everything in either of both: what did not change may be named too.</returns>
    public static (MetadataImage Image, MetadataChanges Changes) Of(IEnumerable<IMessage> records, long offset, int epoch, MetadataImage before)
    {
        var delta = new MetadataDelta(MetadataImage.Empty);
        foreach (IMessage record in records) delta.Apply(record);
        MetadataImage image = delta.ToImage(offset, epoch);
        MetadataChanges changes = delta.Changes;
        foreach ((Protocol.Types.Uuid id, TopicImage topic) in before.TopicsById)
            if (image.Topic(id) is null) changes.DeletedTopics[id] = topic;
        changes.ChangedConfigs.UnionWith(before.Configs.Keys);
        changes.ChangedBrokers.UnionWith(before.Brokers.Keys);
        changes.HasFeatureChanges = changes.HasQuotaChanges = changes.HasScramChanges = changes.HasAclChanges = true;
        return (image, changes);
    }
}
