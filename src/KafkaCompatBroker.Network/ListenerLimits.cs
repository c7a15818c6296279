namespace KafkaCompatBroker.Network;

/// <summary>How many connections one listener takes.</summary>
/// <param name="ConnectionsMax">Open at once (<c>listener.name.NAME.max.connections</c>).</param>
/// <param name="ConnectionsPerSecondMax">New ones a second (<c>listener.name.NAME.max.connection.creation.rate</c>).</param>
public sealed record ListenerLimits(int ConnectionsMax, int ConnectionsPerSecondMax);
