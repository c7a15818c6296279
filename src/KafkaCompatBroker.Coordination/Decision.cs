using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination;

/// <summary>
/// What a command leads to: records to append, and the answer that is sent once they are committed. Deciding changes
/// nothing; only applying the records does.
/// </summary>
/// <param name="Records">Records in order; empty when nothing changes.</param>
/// <param name="Response">The answer, valid once the records are committed and applied.</param>
public sealed record Decision<TResponse>(IReadOnlyList<IMessage> Records, TResponse Response)
{
    /// <summary>
    /// True when a reader must see all records or none. When false they may be written in several batches: whoever decides puts them in an order in
    /// which any part from the beginning can stand alone, and in which the same command, decided again, brings the rest.
    /// </summary>
    public bool IsAtomic { get; init; } = true;

    /// <summary>A decision that changes nothing.</summary>
    public static Decision<TResponse> Answer(TResponse response) => new([], response);
}
