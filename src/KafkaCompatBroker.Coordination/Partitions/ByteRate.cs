namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>Bytes per second over some windows of time, the newest of which is still filling. Pure and not thread-safe.</summary>
/// <param name="windows">How many windows are remembered.</param>
/// <param name="windowMs">Length of each in milliseconds. Less time than that counts as that much.</param>
public sealed class ByteRate(int windows, long windowMs)
{
    private readonly Queue<Window> _windows = new();
    private Window? _newest;
    private long _bytes;

    /// <summary>Counts bytes.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="nowMs">The time in milliseconds.</param>
    public void Add(long bytes, long nowMs)
    {
        Forget(nowMs);
        if (_newest is null || nowMs - _newest.StartMs >= windowMs)
            _windows.Enqueue(_newest = new Window(nowMs));
        _newest.Bytes += bytes;
        _bytes += bytes;
    }

    /// <summary>The rate now.</summary>
    /// <param name="nowMs">The time in milliseconds.</param>
    public double PerSecond(long nowMs)
    {
        Forget(nowMs);
        return _windows.TryPeek(out Window? oldest) ? _bytes * 1000.0 / Math.Max(nowMs - oldest.StartMs, windowMs) : 0;
    }

    private void Forget(long nowMs)
    {
        while (_windows.TryPeek(out Window? oldest) && nowMs - oldest.StartMs >= windows * windowMs)
        {
            _bytes -= oldest.Bytes;
            _windows.Dequeue();
        }

        if (_windows.Count == 0)
            _newest = null;
    }

    private sealed class Window(long startMs)
    {
        public long StartMs { get; } = startMs;

        public long Bytes { get; set; }
    }
}
