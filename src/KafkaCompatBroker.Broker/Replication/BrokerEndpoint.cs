namespace KafkaCompatBroker.Broker.Replication;

/// <summary>Where a client reaches a broker, on the listener that the client uses.</summary>
public readonly record struct BrokerEndpoint(int NodeId, string Host, int Port, string? Rack);
