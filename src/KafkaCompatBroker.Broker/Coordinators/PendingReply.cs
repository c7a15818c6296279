using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>A reply of any type, as the runtime keeps it.</summary>
internal interface IPendingReply
{
    /// <summary>Sends what the shard answered.</summary>
    void Send();

    /// <summary>Sends an error in its place; nothing when an answer was sent already.</summary>
    void Fail(ErrorCode error);
}

/// <summary>
/// Somebody who waits for a shard. The handler goes on where the answer is sent, inside the mailbox: what it posts from there runs later, so
/// no command ever runs inside another one of its shard.
/// </summary>
internal sealed class PendingReply<TResponse> : Reply<TResponse>, IPendingReply
    where TResponse : class
{
    private readonly TaskCompletionSource<ShardAnswer<TResponse>> _answer = new();

    public Task<ShardAnswer<TResponse>> Answer => _answer.Task;

    public void Send() => _answer.TrySetResult(new(ErrorCode.None, Response));

    public void Fail(ErrorCode error) => _answer.TrySetResult(new(error, null));
}
