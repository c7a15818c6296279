namespace KafkaCompatBroker.Coordination.Quotas;

/// <summary>Over which time usage is measured.</summary>
/// <param name="Count">Number of windows that are kept, the current one among them; at least one.</param>
/// <param name="SizeMs">Length of a window in milliseconds.</param>
public readonly record struct QuotaWindows(int Count, long SizeMs)
{
    private const double MsPerSecond = 1000;

    /// <summary>The whole time that is looked at, in milliseconds.</summary>
    public long SpanMs => Count * SizeMs;

    /// <summary>The longest throttle for request time, in milliseconds.</summary>
    public long RequestThrottleMsMax => SizeMs;

    /// <summary>The most that can be used at once by whoever used nothing before, without being throttled for certain.</summary>
    /// <param name="perSecond">The quota.</param>
    public double AtOnceMax(double perSecond) => perSecond * (Count - 1) * SizeMs / MsPerSecond;

    /// <summary>The tokens that a full bucket holds (KIP-599).</summary>
    /// <param name="perSecond">The quota.</param>
    public double Burst(double perSecond) => perSecond * SpanMs / MsPerSecond;
}
