namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>Who sends a request to a group.</summary>
/// <param name="ClientId">The client id of the request header; empty when it has none.</param>
/// <param name="ClientHost">The client's address as Kafka shows it: a slash and the address.</param>
/// <param name="ApiVersion">Version of the request; what a group answers may depend on it.</param>
public readonly record struct GroupClient(string ClientId, string ClientHost, short ApiVersion);
