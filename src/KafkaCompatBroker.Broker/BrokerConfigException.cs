namespace KafkaCompatBroker.Broker;

/// <summary>The properties describe no node that can start. The message is one line for the operator: key, value and what is allowed.</summary>
public sealed class BrokerConfigException(string message) : Exception(message);
