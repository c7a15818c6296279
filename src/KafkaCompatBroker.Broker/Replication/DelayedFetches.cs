using KafkaCompatBroker.Broker.Coordinators;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>The fetches that are parked, for their deadlines and for those who count them.</summary>
public sealed class DelayedFetches(TimerQueue timers)
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    internal void Add(FetchOperation fetch, long waitMsMax)
    {
        Interlocked.Increment(ref _count);
        timers.Add(fetch, waitMsMax);
    }

    internal void Remove(FetchOperation fetch)
    {
        timers.Cancel(fetch);
        Interlocked.Decrement(ref _count);
    }
}
