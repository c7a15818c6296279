using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Shares;

/// <summary>What the share coordinator says of one partition of a group.</summary>
/// <param name="Error">INVALID_REQUEST, UNKNOWN_TOPIC_OR_PARTITION, an error of the coordinator, or None.</param>
/// <param name="State">The state; <see cref="ShareState.None"/> when there is none, and with an error.</param>
public sealed record ShareStateAnswer(ErrorCode Error, ShareState State)
{
    /// <summary>No state, for a reason.</summary>
    public static ShareStateAnswer Refused(ErrorCode error) => new(error, ShareState.None);
}
