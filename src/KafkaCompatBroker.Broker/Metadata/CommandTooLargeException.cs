namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>A command would have to write more at once than one batch holds, and must not be written in parts: POLICY_VIOLATION to clients.</summary>
public sealed class CommandTooLargeException(string message) : Exception(message);
