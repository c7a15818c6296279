using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>Feeds the controller of this node, and through it everybody who follows the image, from the metadata log.</summary>
/// <param name="controller">Applies the records.</param>
/// <param name="publisher">Has the image that snapshots are made of.</param>
/// <param name="leadershipChanged">Told on the log's thread; must not block.</param>
public sealed class ControllerStateMachine(ControllerShell controller, MetadataPublisher publisher, Action<Leadership> leadershipChanged) : IMetadataStateMachine
{
    /// <inheritdoc/>
    public void Reset() => controller.Reset();

    /// <inheritdoc/>
    public void Committed(long offset, int epoch, IReadOnlyList<IMessage> records) => controller.Committed(offset, epoch, records);

    /// <inheritdoc/>
    public void LeadershipChanged(Leadership leadership) => leadershipChanged(leadership);

    /// <inheritdoc/>
    public IEnumerable<(IMessage Record, short Version)> SnapshotRecords()
    {
        // Images never change, so the records may be made while newer images are published.
        var image = publisher.Image;
        return ImageRecords.Of(image).Select(record => (record, RecordVersions.Of(record, image.MetadataVersion)));
    }
}
