using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Builds the image of a node that is no controller from the log that it follows. On the log's thread.</summary>
internal sealed class MetadataFollower(MetadataPublisher publisher, QuorumEndpoints endpoints) : IMetadataStateMachine
{
    private MetadataImage _image = MetadataImage.Empty;

    public void Load(long offset, int epoch, IEnumerable<IMessage> records)
    {
        (_image, MetadataChanges changes) = SnapshotImage.Of(records, offset, epoch, _image);
        publisher.Publish(_image, changes);
    }

    public void Committed(long offset, int epoch, IReadOnlyList<IMessage> records)
    {
        var delta = new MetadataDelta(_image);
        foreach (IMessage record in records) delta.Apply(record);
        _image = delta.ToImage(offset, epoch);
        publisher.Publish(_image, delta.Changes);
    }

    public void LeadershipChanged(Leadership leadership) => endpoints.LeaderIs(leadership.LeaderId);

    public IEnumerable<(IMessage Record, short Version)> SnapshotRecords()
    {
        MetadataImage image = _image;
        return ImageRecords.Of(image).Select(record => (record, RecordVersions.Of(record, image.MetadataVersion)));
    }
}
