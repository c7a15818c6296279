namespace KafkaCompatBroker.Coordination.Quotas;

/// <summary>
/// Tokens that come back at the rate of a quota up to the burst of all windows (KIP-599). Unlike a rate it forgets a burst as soon as it is
/// paid back. Not thread-safe.
/// </summary>
/// <param name="windows">How large a burst may be.</param>
public sealed class TokenBucket(QuotaWindows windows)
{
    private const double MsPerSecond = 1000;

    private double _tokens;
    private long? _refilledMs;

    /// <summary>Tokens that are there; negative when more were taken.</summary>
    /// <param name="perSecond">The quota.</param>
    /// <param name="nowMs">Now, in milliseconds.</param>
    public double Tokens(double perSecond, long nowMs)
    {
        double burst = windows.Burst(perSecond);
        double elapsedMs = Math.Max(0, nowMs - (_refilledMs ?? nowMs));
        _tokens = _refilledMs is null ? burst : Math.Min(burst, _tokens + (perSecond * elapsedMs / MsPerSecond));
        _refilledMs = nowMs;
        return _tokens;
    }

    /// <summary>Takes tokens, more than there are if need be.</summary>
    /// <param name="count">How many.</param>
    /// <param name="perSecond">The quota.</param>
    /// <param name="nowMs">Now, in milliseconds.</param>
    public void Take(double count, double perSecond, long nowMs) => _tokens = Tokens(perSecond, nowMs) - count;

    /// <summary>How long it takes until no token is owed.</summary>
    /// <param name="perSecond">The quota.</param>
    /// <param name="nowMs">Now, in milliseconds.</param>
    /// <returns>Milliseconds; 0 when none is owed.</returns>
    public long ThrottleMs(double perSecond, long nowMs) =>
        Math.Max(0, (long)Math.Round(-Tokens(perSecond, nowMs) / perSecond * MsPerSecond, MidpointRounding.AwayFromZero));
}
