namespace KafkaCompatBroker.Simulation;

/// <summary>A history in which something happened that must never happen.</summary>
internal sealed class InvariantViolation(string invariant, string what) : Exception($"{invariant}: {what}");
