namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>An address that clients or peers connect to.</summary>
/// <param name="Listener">Listener name.</param>
/// <param name="Host">Advertised host.</param>
/// <param name="Port">Advertised port.</param>
/// <param name="SecurityProtocol">0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.</param>
public sealed record NodeEndpoint(string Listener, string Host, ushort Port, short SecurityProtocol);
