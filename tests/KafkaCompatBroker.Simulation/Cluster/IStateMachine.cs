using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Simulation.Cluster;

/// <summary>What a node makes of committed batches.</summary>
internal interface IStateMachine
{
    /// <summary>Equal on all nodes that applied the same.</summary>
    ulong Digest { get; }

    void Apply(RaftEntry entry);

    /// <summary>An immutable state for a snapshot.</summary>
    object Save();

    void Load(object? state);

    /// <summary>A batch to propose as the leader that has applied everything, and its number of records; null for nothing to do.</summary>
    (byte[] Bytes, int Records)? Decide(SimulatedRandom random, long nowMs);
}
