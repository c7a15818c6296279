using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>Gives the logs their periodic work once a second.</summary>
internal sealed class LogKeeper(LogStore logs, PartitionHost host, TimerQueue timers, TimeProvider time) : PeriodicWork(timers, time)
{
    protected override long IntervalMs => 1000;

    protected override void Run(long nowMs)
    {
        logs.Tick(nowMs);
        host.OpenOffline();
    }
}
