using KafkaCompatBroker.Coordination.Configs;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>How a node asks the other nodes of the quorum.</summary>
/// <param name="RequestTimeoutMs">controller.quorum.request.timeout.ms</param>
/// <param name="FetchBytesMax">controller.quorum.fetch.max.bytes</param>
/// <param name="SnapshotBytesMax">controller.quorum.fetch.snapshot.max.bytes</param>
public sealed record RaftTransportOptions(int RequestTimeoutMs, int FetchBytesMax, int SnapshotBytesMax)
{
    public static RaftTransportOptions From(ConfigValues values) => new(
        values.Int("controller.quorum.request.timeout.ms"), values.Int("controller.quorum.fetch.max.bytes"), values.Int("controller.quorum.fetch.snapshot.max.bytes"));
}
