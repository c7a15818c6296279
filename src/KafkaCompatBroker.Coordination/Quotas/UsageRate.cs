namespace KafkaCompatBroker.Coordination.Quotas;

/// <summary>
/// Usage a second over the last windows (KIP-13). A window begins with the first usage after the one before has ended, so there may be
/// gaps; one more than asked for is kept, because the oldest may reach into the time that counts. Not thread-safe.
/// </summary>
public sealed class UsageRate
{
    private const double MsPerSecond = 1000;

    private readonly QuotaWindows _windows;
    private readonly Window[] _kept;
    private int _count;
    private int _current;

    /// <summary>Starts without usage.</summary>
    /// <param name="windows">Over which time to measure.</param>
    public UsageRate(QuotaWindows windows)
    {
        _windows = windows;
        _kept = new Window[windows.Count + 1];
    }

    /// <summary>Counts usage.</summary>
    /// <param name="amount">How much; negative takes back what was counted.</param>
    /// <param name="nowMs">When, in milliseconds.</param>
    public void Add(double amount, long nowMs)
    {
        if (_count == 0) _kept[_count++] = new Window(nowMs);
        if (nowMs - _kept[_current].StartedMs >= _windows.SizeMs)
        {
            _current = (_current + 1) % _kept.Length;
            _count = Math.Max(_count, _current + 1);
            _kept[_current] = new Window(nowMs);
        }

        _kept[_current].Amount += amount;
        _kept[_current].LastUsedMs = nowMs;
    }

    /// <summary>Usage a second.</summary>
    /// <param name="nowMs">Now, in milliseconds.</param>
    public double PerSecond(long nowMs) => PerSecond(nowMs, out _);

    /// <summary>How long nothing may be used until the rate is at the quota again.</summary>
    /// <param name="perSecondMax">The quota.</param>
    /// <param name="nowMs">Now, in milliseconds.</param>
    /// <returns>Milliseconds; 0 when the quota is not exceeded.</returns>
    public long ThrottleMs(double perSecondMax, long nowMs)
    {
        double perSecond = PerSecond(nowMs, out long spanMs);
        // (rate * span) / (span + throttle) = quota
        return perSecond <= perSecondMax ? 0 : (long)Math.Round((perSecond - perSecondMax) / perSecondMax * spanMs, MidpointRounding.AwayFromZero);
    }

    private double PerSecond(long nowMs, out long spanMs)
    {
        spanMs = MeasuredMs(nowMs);
        double amount = 0;
        for (int i = 0; i < _count; i++) amount += _kept[i].Amount;
        return amount / (spanMs / MsPerSecond);
    }

    // Windows that were never filled count as if they had passed without usage: a client that has just come may send a burst.
    private long MeasuredMs(long nowMs)
    {
        long oldestMs = nowMs;
        for (int i = 0; i < _count; i++)
        {
            if (nowMs - _kept[i].LastUsedMs >= _windows.SpanMs) _kept[i] = new Window(nowMs);
            oldestMs = Math.Min(oldestMs, _kept[i].StartedMs);
        }

        long measuredMs = nowMs - oldestMs;
        long missing = _windows.Count - 1 - (measuredMs / _windows.SizeMs);
        return Math.Max(1, measuredMs + (Math.Max(0, missing) * _windows.SizeMs));
    }

    private struct Window(long nowMs)
    {
        public readonly long StartedMs = nowMs;
        public long LastUsedMs = nowMs;
        public double Amount;
    }
}
