namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>The node cannot take part in its quorum as it is configured and formatted; the message is one line for the operator.</summary>
public sealed class QuorumException(string message) : Exception(message);
