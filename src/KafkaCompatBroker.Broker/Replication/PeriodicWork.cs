using KafkaCompatBroker.Broker.Coordinators;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>Work that is done again and again: on a pool thread, since it may block, and never twice at a time.</summary>
internal abstract class PeriodicWork(TimerQueue timers, TimeProvider time) : TimerEntry
{
    private readonly Lock _lock = new();
    private bool _isStopped;

    /// <summary>Milliseconds from the end of one run to the next; asked each time.</summary>
    protected abstract long IntervalMs { get; }

    public void Start() => timers.Add(this, IntervalMs);

    /// <summary>Waits for work that is under way; none begins afterwards.</summary>
    public void Stop()
    {
        timers.Cancel(this);
        lock (_lock)
            _isStopped = true;
    }

    protected internal override void OnDue() =>
        ThreadPool.UnsafeQueueUserWorkItem(static work => work.RunAgain(), this, preferLocal: false);

    protected abstract void Run(long nowMs);

    private void RunAgain()
    {
        lock (_lock)
        {
            if (_isStopped)
                return;

            Run(time.GetUtcNow().ToUnixTimeMilliseconds());
            timers.Add(this, IntervalMs);
        }
    }
}
