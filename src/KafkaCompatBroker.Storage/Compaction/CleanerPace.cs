namespace KafkaCompatBroker.Storage.Compaction;

/// <summary>Holds cleaners to log.cleaner.io.max.bytes.per.second, all of them together, and ends them when the broker stops.</summary>
internal sealed class CleanerPace(TimeProvider time, CancellationToken stopping)
{
    private const double WindowSeconds = 0.3;

    private readonly Lock _lock = new();
    private double _bytesPerSecondMax = double.MaxValue;
    private long _windowStart;
    private double _windowBytes;

    /// <summary>A new value acts at once.</summary>
    public double BytesPerSecondMax
    {
        get => Volatile.Read(ref _bytesPerSecondMax);
        set => Volatile.Write(ref _bytesPerSecondMax, value);
    }

    /// <summary>Counts bytes, and waits when they came too fast.</summary>
    /// <exception cref="OperationCanceledException">The broker stops.</exception>
    public void Pass(int bytes)
    {
        stopping.ThrowIfCancellationRequested();
        double limit = BytesPerSecondMax;
        if (limit < long.MaxValue && WaitFor(bytes, limit) is { Ticks: > 0 } wait && stopping.WaitHandle.WaitOne(wait))
        {
            throw new OperationCanceledException(stopping);
        }
    }

    private TimeSpan WaitFor(int bytes, double limit)
    {
        lock (_lock)
        {
            double elapsed = time.GetElapsedTime(_windowStart).TotalSeconds;
            _windowBytes += bytes;
            if (elapsed < WindowSeconds)
            {
                return TimeSpan.Zero;
            }

            double ahead = (_windowBytes / limit) - elapsed;
            _windowStart = time.GetTimestamp();
            _windowBytes = 0;
            return ahead > 0 && elapsed < WindowSeconds * 100 ? TimeSpan.FromSeconds(ahead) : TimeSpan.Zero;
        }
    }
}
