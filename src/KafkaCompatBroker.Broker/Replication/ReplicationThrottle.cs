using KafkaCompatBroker.Coordination.Partitions;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// One kind of copying that operators may hold back (KIP-73). What goes beyond the limit has gone already; nothing more should go until the
/// rate is below it again. Any thread.
/// </summary>
public sealed class ReplicationThrottle(ByteRate rate, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _bytesPerSecondMax = long.MaxValue;

    /// <summary>Most bytes a second.</summary>
    public long BytesPerSecondMax
    {
        get => Interlocked.Read(ref _bytesPerSecondMax);
        set => Interlocked.Exchange(ref _bytesPerSecondMax, value);
    }

    /// <summary>Whether more has gone lately than may.</summary>
    public bool IsExceeded
    {
        get
        {
            long limit = BytesPerSecondMax;
            if (limit == long.MaxValue)
                return false;
            lock (_lock)
                return rate.PerSecond(NowMs) > limit;
        }
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Counts bytes that went, whether they were held back before or not.</summary>
    public void Count(long bytes)
    {
        if (bytes <= 0)
            return;
        lock (_lock)
            rate.Add(bytes, NowMs);
    }
}
