namespace KafkaCompatBroker.Network;

/// <summary>What the timer sees of a connection when it looks.</summary>
internal readonly record struct ConnectionSample(
    long ReceivedBytes,
    long SentBytes,
    long FrameCount,
    int PartialFrameBytes,
    long UnsentBytes,
    int OpenRequests,
    bool IsReading,
    bool WaitsForMemory);

/// <summary>
/// Decides from successive samples whether a connection has outlived its use. Samples make deadlines free for the hot path: no
/// clock is read for a request, and a deadline is exact to one watch interval.
/// </summary>
internal struct ConnectionWatch
{
    private long _receivedBytes;
    private long _sentBytes;
    private long _activeMs;
    private long _partialFrame;
    private long _partialSinceMs;
    private long _partialReceivedBytes;
    private long _stalledSinceMs;
    private long _memorySinceMs;
    private bool _started;

    public CloseReason? Check(in ConnectionSample sample, long nowMs, NetworkOptions options)
    {
        if (!_started)
        {
            _started = true;
            _partialFrame = -1;
            _activeMs = _stalledSinceMs = _memorySinceMs = nowMs;
        }
        bool sentMore = sample.SentBytes != _sentBytes;
        bool active = sentMore || sample.ReceivedBytes != _receivedBytes || sample.OpenRequests > 0 || sample.UnsentBytes > 0;
        if (active) _activeMs = nowMs;
        if (sentMore || sample.UnsentBytes == 0) _stalledSinceMs = nowMs;
        if (!sample.WaitsForMemory) _memorySinceMs = nowMs;
        _sentBytes = sample.SentBytes;
        _receivedBytes = sample.ReceivedBytes;

        if (nowMs - _stalledSinceMs > options.WriteStallMsMax) return CloseReason.WriteStalled;
        if (nowMs - _memorySinceMs > options.MemoryWaitMsMax) return CloseReason.RequestMemoryExhausted;
        if (IsTooSlow(sample, nowMs, options)) return CloseReason.FrameTooSlow;
        return nowMs - _activeMs > options.IdleMsMax ? CloseReason.Idle : null;
    }

    private bool IsTooSlow(in ConnectionSample sample, long nowMs, NetworkOptions options)
    {
        bool sameFrame = sample.PartialFrameBytes > 0 && sample.IsReading && sample.FrameCount == _partialFrame;
        if (!sameFrame)
        {
            _partialFrame = sample.PartialFrameBytes > 0 && sample.IsReading ? sample.FrameCount : -1;
            _partialSinceMs = nowMs;
            _partialReceivedBytes = sample.ReceivedBytes;
            return false;
        }
        long overGraceMs = nowMs - _partialSinceMs - options.FrameGraceMs;
        return overGraceMs > 0 && sample.ReceivedBytes - _partialReceivedBytes < overGraceMs * options.FrameBytesPerSecondMin / 1000;
    }
}
