using KafkaCompatBroker.Coordination.Quotas;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// What one request uses of its client's quotas, from its arrival to its answer. Request time is the time of the thread that reads, decodes
/// and serves the request until its handler has to wait for something; the time to encode and send the answer is counted too, but shows
/// in the throttle of the next request only. 100 percent are one thread, of which there is one a processor.
/// </summary>
public sealed class RequestQuota
{
    private const double Percent = 100;

    private readonly ClientQuotas _quotas;
    private readonly ClientLimits _limits;
    private readonly ConnectionThrottle? _throttle;
    private readonly int _requestBytes;
    private readonly long _startedTicks;
    private TimeSpan? _served;
    private long _answeringTicks;
    private int _throttleMs;
    private bool _isTimeCharged;

    internal RequestQuota(ClientQuotas quotas, ClientLimits limits, ConnectionThrottle? throttle, int requestBytes)
    {
        _quotas = quotas;
        _limits = limits;
        _throttle = throttle;
        _requestBytes = requestBytes;
        _startedTicks = quotas.Time.GetTimestamp();
    }

    /// <summary>The most bytes of a fetch that are not throttled for certain.</summary>
    public int FetchBytesMax =>
        _limits[QuotaKind.Fetch] is { } limit ? (int)Math.Min(int.MaxValue, _quotas.RateWindows.AtOnceMax(limit.PerSecond)) : int.MaxValue;

    /// <summary>The request is of another node of the cluster, or has no answer: its time is not limited.</summary>
    public void ExemptTime() => _isTimeCharged = true;

    /// <summary>The thread that serves the request does something else now.</summary>
    public void Pause() => _served = _quotas.Time.GetElapsedTime(_startedTicks);

    /// <summary>Charges a fetch, its time too. When that must be throttled its bytes do not count, and must not be sent.</summary>
    /// <param name="answerBytes">Size of the answer.</param>
    /// <returns>Whether the client is throttled.</returns>
    public bool IsFetchThrottled(int answerBytes)
    {
        ChargeTime();
        if (_limits[QuotaKind.Fetch] is not { } limit) return _throttleMs > 0;
        long nowMs = _quotas.NowMs;
        _throttleMs = Math.Max(_throttleMs, limit.Usage.Charge(answerBytes, limit.PerSecond, nowMs));
        if (_throttleMs > 0) limit.Usage.Note(-answerBytes, nowMs);
        return _throttleMs > 0;
    }

    /// <summary>What this request may do to partitions; null when that is not limited.</summary>
    /// <param name="isStrict">Whether its version knows the error that refuses.</param>
    /// <param name="nowMs">When it is decided, in milliseconds since 1970.</param>
    public MutationQuota? Mutations(bool isStrict, long nowMs)
    {
        if (_limits[QuotaKind.ControllerMutation] is not { } limit) return null;
        limit.Usage.LastUsedMs = _quotas.NowMs;
        return new MutationQuota(limit.Usage.Tokens, limit.PerSecond, isStrict, nowMs);
    }

    /// <summary>Charges what is not charged yet, tells the client its throttle, which may have come with the answer, and throttles it.</summary>
    /// <param name="key">The API.</param>
    /// <param name="response">The answer; null when there is none.</param>
    internal void Settle(ApiKey key, IMessage? response)
    {
        if (key == ApiKey.Produce && _limits[QuotaKind.Produce] is { } limit)
            _throttleMs = limit.Usage.Charge(_requestBytes, limit.PerSecond, _quotas.NowMs);
        if (response is null) ExemptTime();
        ChargeTime();
        if (response is IThrottledResponse throttled)
        {
            _throttleMs = Math.Max(_throttleMs, throttled.ThrottleTimeMs);
            throttled.ThrottleTimeMs = _throttleMs;
        }

        if (_throttleMs > 0) _throttle?.Mute(_throttleMs);
    }

    /// <summary>The answer is handed over.</summary>
    internal void Sent()
    {
        if (_answeringTicks != 0 && _limits[QuotaKind.Request] is { } limit)
            limit.Usage.Note(_quotas.Time.GetElapsedTime(_answeringTicks).TotalSeconds * Percent, _quotas.NowMs);
    }

    private void ChargeTime()
    {
        if (_isTimeCharged || _limits[QuotaKind.Request] is not { } limit) return;
        _isTimeCharged = true;
        _answeringTicks = _quotas.Time.GetTimestamp();
        TimeSpan served = _served ?? _quotas.Time.GetElapsedTime(_startedTicks, _answeringTicks);
        int throttleMs = limit.Usage.Charge(served.TotalSeconds * Percent, limit.PerSecond, _quotas.NowMs);
        _throttleMs = Math.Max(_throttleMs, (int)Math.Min(throttleMs, _quotas.RateWindows.RequestThrottleMsMax));
    }
}
