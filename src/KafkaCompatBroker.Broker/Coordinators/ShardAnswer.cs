using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>What came of a command: the shard's response, or why there is none.</summary>
/// <param name="Error">
/// NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS or COORDINATOR_NOT_AVAILABLE when the shard is not here, not yet here or cannot write; other
/// errors when a write was refused for what it is. None with a response.
/// </param>
/// <param name="Response">Null with an error.</param>
public readonly record struct ShardAnswer<TResponse>(ErrorCode Error, TResponse? Response)
    where TResponse : class;
