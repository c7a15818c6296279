namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>The arguments of a storage command are wrong.</summary>
internal sealed class UsageFailure(string message) : Exception(message);
