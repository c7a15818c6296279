using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>The listener that a request came in by.</summary>
/// <param name="Name">Kafka's listener name.</param>
/// <param name="Kind">Whether brokers' or controllers' APIs are served there.</param>
/// <param name="SecurityProtocol">PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.</param>
public sealed record ListenerIdentity(string Name, ApiListeners Kind, string SecurityProtocol);
