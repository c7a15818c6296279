namespace KafkaCompatBroker.Network;

/// <summary>
/// The threads that serve the connections of a broker: one a processor, and one that rests, for connections on which only routine is expected.
/// They start when the first connection needs them.
/// </summary>
internal sealed class ReadinessLoops
{
    // Nothing to the interval of a heartbeat, and long enough that those of a large fleet come by the dozen.
    private const int RestMs = 20;

    private readonly Lock _gate = new();
    private readonly ReadinessLoop?[] _prompt = new ReadinessLoop?[Environment.ProcessorCount];
    private ReadinessLoop? _patient;
    private int _next;
    private bool _isStopped;

    /// <summary>The loop for a new connection; null after <see cref="Stop"/>.</summary>
    public ReadinessLoop? Prompt()
    {
        lock (_gate)
        {
            if (_isStopped) return null;
            int index = _next;
            _next = (index + 1) % _prompt.Length;
            return _prompt[index] ??= new ReadinessLoop($"network-{index}", restMs: 0);
        }
    }

    /// <summary>The loop for connections that may wait some milliseconds; null after <see cref="Stop"/>.</summary>
    public ReadinessLoop? Patient()
    {
        lock (_gate) return _isStopped ? null : _patient ??= new ReadinessLoop("network-patient", RestMs);
    }

    /// <summary>Ends the threads; connections must have been closed.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (_isStopped) return;
            _isStopped = true;
        }
        foreach (ReadinessLoop? loop in _prompt) loop?.Stop();
        _patient?.Stop();
    }
}
