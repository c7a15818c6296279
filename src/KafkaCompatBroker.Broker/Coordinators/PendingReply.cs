using System.Threading.Tasks.Sources;
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
/// Somebody who waits for a shard, once. The handler goes on where the answer is sent, inside the mailbox: what it posts from there runs later, so
/// no command ever runs inside another one of its shard.
/// </summary>
internal class PendingReply<TResponse> : Reply<TResponse>, IPendingReply, IValueTaskSource<ShardAnswer<TResponse>>
    where TResponse : class
{
    private ManualResetValueTaskSourceCore<ShardAnswer<TResponse>> _answer;
    private int _isSent;

    /// <summary>Awaited at most once.</summary>
    public ValueTask<ShardAnswer<TResponse>> Answer => new(this, _answer.Version);

    public void Send() => Complete(new(ErrorCode.None, Response));

    public void Fail(ErrorCode error) => Complete(new(error, null));

    public ShardAnswer<TResponse> GetResult(short token) => _answer.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    private void Complete(ShardAnswer<TResponse> answer)
    {
        if (Interlocked.Exchange(ref _isSent, 1) == 0)
            _answer.SetResult(answer);
    }
}
