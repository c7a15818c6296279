using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination;

/// <summary>
/// What a command leads to: records to append, and the answer that is sent once they are committed. Deciding changes
/// nothing; only applying the records does.
/// </summary>
/// <param name="Records">Records in order, to be written atomically; empty when nothing changes.</param>
/// <param name="Response">The answer, valid once the records are committed and applied.</param>
public sealed record Decision<TResponse>(IReadOnlyList<IMessage> Records, TResponse Response)
{
    /// <summary>A decision that changes nothing.</summary>
    public static Decision<TResponse> Answer(TResponse response) => new([], response);
}
