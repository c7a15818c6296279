using KafkaCompatBroker.Coordination.Quotas;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>What those who share a quota have used of it, counted from any thread.</summary>
internal sealed class QuotaUsage(QuotaWindows windows)
{
    private readonly Lock _gate = new();
    private readonly UsageRate _rate = new(windows);
    private long _lastUsedMs;

    /// <summary>The tokens of a quota for mutations; only the controller touches them, one command at a time.</summary>
    public TokenBucket Tokens { get; } = new(windows);

    /// <summary>When it was used last, in milliseconds.</summary>
    public long LastUsedMs
    {
        get => Volatile.Read(ref _lastUsedMs);
        set => Volatile.Write(ref _lastUsedMs, value);
    }

    /// <summary>Counts usage and says for how many milliseconds the client must be throttled.</summary>
    public int Charge(double amount, double perSecondMax, long nowMs)
    {
        LastUsedMs = nowMs;
        lock (_gate)
        {
            _rate.Add(amount, nowMs);
            return (int)Math.Min(int.MaxValue, _rate.ThrottleMs(perSecondMax, nowMs));
        }
    }

    /// <summary>Counts usage for which nobody is throttled now; negative takes back what was counted.</summary>
    public void Note(double amount, long nowMs)
    {
        lock (_gate) _rate.Add(amount, nowMs);
    }
}
