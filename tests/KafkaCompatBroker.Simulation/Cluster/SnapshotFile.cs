using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Simulation.Cluster;

/// <summary>A whole snapshot. Its bytes only name it; what it holds stands beside them.</summary>
internal sealed record SnapshotFile(LogPosition Id, VoterSet? Voters, object State, byte[] Bytes);
