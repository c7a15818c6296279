using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Lets the quorum's log feed the controller, and snapshot its image. On the log's thread.</summary>
internal sealed class MetadataStateMachine(ControllerShell controller, MetadataPublisher publisher) : IMetadataStateMachine
{
    public void Reset() => controller.Reset();

    public void Committed(long offset, int epoch, IReadOnlyList<IMessage> records) => controller.Committed(offset, epoch, records);

    public void LeadershipChanged(Leadership leadership)
    {
        // A quorum of one leads for as long as it runs.
    }

    public IEnumerable<(IMessage Record, short Version)> SnapshotRecords()
    {
        MetadataImage image = publisher.Image;
        return ImageRecords.Of(image).Select(record => (record, RecordVersions.Of(record, image.MetadataVersion)));
    }
}
