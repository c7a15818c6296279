namespace KafkaCompatBroker.Coordination.Quotas;

/// <summary>
/// What one request may do to partitions (KIP-599). Strict: nothing is accepted while tokens are owed, and a mutation that is accepted may
/// owe any number. Permissive, for versions whose clients do not know the error: everything is accepted, and the client throttled.
/// </summary>
/// <param name="bucket">The tokens of the client.</param>
/// <param name="perSecond">The quota.</param>
/// <param name="isStrict">Whether mutations are refused.</param>
/// <param name="nowMs">When the request is decided, in milliseconds.</param>
public sealed class MutationQuota(TokenBucket bucket, double perSecond, bool isStrict, long nowMs)
{
    /// <summary>For how many milliseconds the client is throttled, after what it has asked for so far.</summary>
    public int ThrottleMs { get; private set; }

    /// <summary>Asks to create or delete partitions.</summary>
    /// <param name="count">How many partitions.</param>
    /// <returns>False when the request must refuse it with THROTTLING_QUOTA_EXCEEDED.</returns>
    public bool TryTake(int count)
    {
        if (isStrict && bucket.Tokens(perSecond, nowMs) < 0)
        {
            Throttle();
            return false;
        }

        bucket.Take(count, perSecond, nowMs);
        if (!isStrict) Throttle();
        return true;
    }

    private void Throttle() => ThrottleMs = (int)Math.Min(int.MaxValue, bucket.ThrottleMs(perSecond, nowMs));
}
