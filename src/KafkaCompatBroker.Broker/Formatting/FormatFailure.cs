namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>A storage command cannot do what it was asked; the message is one line for the operator.</summary>
public sealed class FormatFailure(string message) : Exception(message);
