namespace KafkaCompatBroker.Network;

/// <summary>Lets a few lines a second through, so that hostile peers cannot fill the log; counts what it holds back.</summary>
internal sealed class LogThrottle(int linesPerSecondMax)
{
    private readonly Lock _gate = new();
    private long _second = -1;
    private int _lines;
    private long _suppressed;

    public bool TryPass(long nowMs, out long suppressed)
    {
        lock (_gate)
        {
            suppressed = 0;
            if (nowMs / 1000 != _second) (_second, _lines) = (nowMs / 1000, 0);
            if (++_lines > linesPerSecondMax)
            {
                _suppressed++;
                return false;
            }
            (suppressed, _suppressed) = (_suppressed, 0);
            return true;
        }
    }
}
