namespace KafkaCompatBroker.Network;

/// <summary>Whether a connection is likely to bring nothing but routine next: its last frames were routine, with long pauses between them.</summary>
internal struct RoutineWatch
{
    private const long PauseMs = 1_000;

    private long? _lastMs;
    private bool _isMarked;

    /// <summary>Nobody waits for what comes next.</summary>
    public bool IsExpected { get; private set; }

    /// <summary>The frame in service is routine.</summary>
    public void Mark(long nowMs)
    {
        IsExpected = nowMs - _lastMs >= PauseMs;
        _lastMs = nowMs;
        _isMarked = true;
    }

    /// <summary>The frame in service has been given to its handler.</summary>
    public void Served()
    {
        if (!_isMarked)
        {
            IsExpected = false;
            _lastMs = null;
        }

        _isMarked = false;
    }
}
