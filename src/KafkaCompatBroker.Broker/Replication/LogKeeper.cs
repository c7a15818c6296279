using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>Gives the logs their periodic work once a second: on a pool thread, since it may block, and never twice at a time.</summary>
internal sealed class LogKeeper(LogStore logs, PartitionHost host, TimerQueue timers, TimeProvider time) : TimerEntry
{
    private const long IntervalMs = 1000;

    private readonly Lock _lock = new();
    private bool _isStopped;

    public void Start() => timers.Add(this, IntervalMs);

    /// <summary>Waits for work that is under way; none begins afterwards.</summary>
    public void Stop()
    {
        timers.Cancel(this);
        lock (_lock)
            _isStopped = true;
    }

    protected internal override void OnDue() =>
        ThreadPool.UnsafeQueueUserWorkItem(static keeper => keeper.Run(), this, preferLocal: false);

    private void Run()
    {
        lock (_lock)
        {
            if (_isStopped)
                return;

            logs.Tick(time.GetUtcNow().ToUnixTimeMilliseconds());
            host.OpenOffline();
            timers.Add(this, IntervalMs);
        }
    }
}
