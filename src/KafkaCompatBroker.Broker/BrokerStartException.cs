namespace KafkaCompatBroker.Broker;

/// <summary>A node cannot start for a reason that its operator can do something about. The message is one line for them.</summary>
public sealed class BrokerStartException(string message, Exception? cause = null) : Exception(message, cause);
