namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>What the metadata log consists of on disk.</summary>
internal sealed record MetadataLogFiles(RaftLogAdapter Log, SnapshotStore Snapshots, QuorumStateFile QuorumState);
