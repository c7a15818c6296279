namespace KafkaCompatBroker.Raft;

/// <summary>Requests under way: at most one a node, given up after a time-out, with a pause after a failure.</summary>
internal sealed class RequestTracker(int requestTimeoutMs, int retryBackoffMs)
{
    private readonly Dictionary<int, (long CorrelationId, long SentMs)> _inFlight = [];
    private readonly Dictionary<int, long> _backoffUntilMs = [];
    private long _lastCorrelationId;

    public bool CanSend(int node, long nowMs) => nowMs >= ReadyAtMs(node);

    /// <summary>When the next request to this node may leave if no answer comes before.</summary>
    public long ReadyAtMs(int node) =>
        _inFlight.TryGetValue(node, out var request) ? request.SentMs + requestTimeoutMs : _backoffUntilMs.GetValueOrDefault(node, long.MinValue);

    /// <summary>Notes a request to <paramref name="node"/> and returns its correlation id.</summary>
    public long Sent(int node, long nowMs)
    {
        _inFlight[node] = (++_lastCorrelationId, nowMs);
        _backoffUntilMs.Remove(node);
        return _lastCorrelationId;
    }

    /// <summary>Whether this answers the request under way; an answer to one that was given up says nothing about now.</summary>
    public bool Accept(RaftResponse response) =>
        _inFlight.TryGetValue(response.Source, out var request) && request.CorrelationId == response.CorrelationId && _inFlight.Remove(response.Source);

    public void BackOff(int node, long nowMs) => _backoffUntilMs[node] = nowMs + retryBackoffMs;

    /// <summary>Another role asks other questions.</summary>
    public void Reset()
    {
        _inFlight.Clear();
        _backoffUntilMs.Clear();
    }
}
