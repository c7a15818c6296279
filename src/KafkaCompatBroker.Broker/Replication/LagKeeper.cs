using KafkaCompatBroker.Broker.Coordinators;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>Looks for followers that lag, every half of replica.lag.time.max.ms.</summary>
internal sealed class LagKeeper(PartitionHost host, TimerQueue timers, TimeProvider time) : PeriodicWork(timers, time)
{
    protected override long IntervalMs => Math.Max(1, host.LagTimeMaxMs / 2);

    protected override void Run(long nowMs)
    {
        foreach (Partition partition in host.Partitions)
            partition.LeaveLaggards(nowMs);
    }
}
