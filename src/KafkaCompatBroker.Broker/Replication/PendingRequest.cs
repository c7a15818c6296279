using System.Threading.Tasks.Sources;
using KafkaCompatBroker.Broker.Coordinators;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>A request some of whose partitions wait. Completed by whichever comes first, the last partition or the deadline.</summary>
public abstract class PendingRequest(TimerQueue timers) : TimerEntry, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _source;

    // One share belongs to WaitAsync, so that early partitions cannot complete the request while later ones are under way.
    private int _sharesLeft = 1;

    /// <summary>Completes when every partition has, or after <paramref name="timeoutMs"/> milliseconds.</summary>
    public ValueTask WaitAsync(int timeoutMs)
    {
        // Whoever waits for nothing needs no deadline.
        if (Volatile.Read(ref _sharesLeft) > 1)
            timers.Add(this, timeoutMs);
        GiveUpShare();
        return new ValueTask(this, _source.Version);
    }

    public void GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>One more partition waits.</summary>
    protected void TakeShare() => Interlocked.Increment(ref _sharesLeft);

    internal void GiveUpShare()
    {
        if (Interlocked.Decrement(ref _sharesLeft) != 0)
            return;

        timers.Cancel(this);
        _source.SetResult(true);
    }
}
