namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>What became of one seed.</summary>
/// <param name="Acts">Events of clients, clocks, the cluster and the coordinator.</param>
/// <param name="Steps">Steps of the shard: what these events and the checks asked of it.</param>
/// <param name="Records">Length of the log in the end.</param>
/// <param name="VirtualMs">How long it lasted, in its own time.</param>
/// <param name="Upgrades">Times the group changed to the consumer protocol.</param>
/// <param name="Downgrades">Times the group changed to the classic protocol.</param>
/// <param name="Violation">What must never happen and did; null when all went well.</param>
public sealed record GroupResult(int Acts, long Steps, int Records, long VirtualMs, int Upgrades, int Downgrades, string? Violation);
