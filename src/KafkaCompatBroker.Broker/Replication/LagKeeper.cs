using KafkaCompatBroker.Broker.Coordinators;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>Looks for followers that lag, every half of replica.lag.time.max.ms, on a pool thread.</summary>
internal sealed class LagKeeper(PartitionHost host, TimerQueue timers, TimeProvider time) : TimerEntry
{
    private readonly Lock _lock = new();
    private bool _isStopped;

    private long IntervalMs => Math.Max(1, host.LagTimeMaxMs / 2);

    public void Start() => timers.Add(this, IntervalMs);

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

            long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (Partition partition in host.Partitions)
                partition.LeaveLaggards(nowMs);
            timers.Add(this, IntervalMs);
        }
    }
}
