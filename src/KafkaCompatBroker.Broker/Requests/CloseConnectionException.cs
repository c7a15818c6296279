namespace KafkaCompatBroker.Broker.Requests;

/// <summary>A handler ends the connection without an answer, as Kafka does (a failed produce with acks=0, an unusable request).</summary>
public sealed class CloseConnectionException(string reason) : Exception(reason);
