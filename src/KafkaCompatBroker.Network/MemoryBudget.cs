using System.Collections.Concurrent;

namespace KafkaCompatBroker.Network;

/// <summary>
/// Receive memory of all connections. A connection that wants a large buffer when none is left stops reading and is woken, oldest
/// first, when memory returns: back-pressure instead of allocation.
/// </summary>
internal sealed class MemoryBudget(long bytesMax)
{
    private readonly ConcurrentQueue<Connection> _waiting = new();
    private long _used;

    public long UsedBytes => Volatile.Read(ref _used);

    public bool TryTake(long bytes)
    {
        long used = Volatile.Read(ref _used);
        while (used + bytes <= bytesMax)
        {
            long seen = Interlocked.CompareExchange(ref _used, used + bytes, used);
            if (seen == used) return true;
            used = seen;
        }
        return false;
    }

    /// <summary>For the small buffers, whose number is bounded by the requests being handled: always granted, but counted.</summary>
    public void Take(long bytes) => Interlocked.Add(ref _used, bytes);

    public void Give(long bytes)
    {
        Interlocked.Add(ref _used, -bytes);
        if (_waiting.TryDequeue(out Connection? connection)) connection.OnMemoryAvailable();
    }

    public void Enqueue(Connection connection) => _waiting.Enqueue(connection);

    /// <summary>From the timer: lets every waiter try again, for memory that came back between its refusal and its waiting.</summary>
    public void WakeAll()
    {
        for (int left = _waiting.Count; left > 0 && _waiting.TryDequeue(out Connection? connection); left--) connection.OnMemoryAvailable();
    }
}
