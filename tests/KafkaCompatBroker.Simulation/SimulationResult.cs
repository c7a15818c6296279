namespace KafkaCompatBroker.Simulation;

/// <summary>What became of one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Hash">The whole history in one number.</param>
/// <param name="Events">How many events it had.</param>
/// <param name="VirtualMs">How long it lasted, in its own time.</param>
/// <param name="Violation">What must never happen and did; null when all went well.</param>
/// <param name="Coverage">Situations reached.</param>
public sealed record SimulationResult(ulong Seed, ulong Hash, int Events, long VirtualMs, string? Violation, Coverage Coverage);
