using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>Why a request to a consumer group is refused.</summary>
internal sealed record GroupError(ErrorCode Code, string Message);
