namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>The records were not appended, or not committed while this node led: NOT_CONTROLLER to clients.</summary>
public sealed class NotLeaderException(string message, Exception? cause = null) : Exception(message, cause);
