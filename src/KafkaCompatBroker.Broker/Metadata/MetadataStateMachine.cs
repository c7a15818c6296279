using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Lets the quorum's log feed the controller, active or not, and snapshot its image. On the log's thread.</summary>
/// <param name="bootstrap">What the first leader of a cluster writes.</param>
internal sealed class MetadataStateMachine(
    ControllerShell controller, MetadataPublisher publisher, QuorumEndpoints endpoints, IReadOnlyList<IMessage> bootstrap, int nodeId, ILogger logger) : IMetadataStateMachine
{
    public void Load(long offset, int epoch, IEnumerable<IMessage> records) => controller.Load(offset, epoch, records);

    public void Committed(long offset, int epoch, IReadOnlyList<IMessage> records) => controller.Committed(offset, epoch, records);

    public void LeadershipChanged(Leadership leadership)
    {
        controller.Deactivate();
        endpoints.LeaderIs(leadership.LeaderId);
        if (leadership.LeaderId == nodeId) _ = ActivateAsync(leadership.Epoch);
    }

    public IEnumerable<(IMessage Record, short Version)> SnapshotRecords()
    {
        MetadataImage image = publisher.Image;
        return ImageRecords.Of(image).Select(record => (record, RecordVersions.Of(record, image.MetadataVersion)));
    }

    private async Task ActivateAsync(int epoch)
    {
        try
        {
            await controller.ActivateAsync(epoch, bootstrap).ConfigureAwait(false);
            BrokerLog.ControllerActive(logger, nodeId, epoch);
        }
        catch (NotLeaderException cause)
        {
            // The next leader, which may be this node again, activates itself.
            BrokerLog.ActivationFailed(logger, nodeId, epoch, cause.Message);
        }
    }
}
