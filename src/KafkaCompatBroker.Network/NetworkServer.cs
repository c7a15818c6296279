using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Network;

/// <summary>
/// All listeners and connections of one broker, with what they share: limits, buffers, one timer. Several may live in one process.
/// </summary>
public sealed class NetworkServer : IAsyncDisposable
{
    // Each look misses the caches: with very many connections they get fewer, and deadlines become that much less exact.
    private const int LooksPerSecondMax = 2_000;

    private readonly NetworkOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConnectionLimits _limits;
    private readonly ConnectionServices _services;
    private readonly List<TcpListenerLoop> _listeners = [];
    private readonly ITimer _timer;
    private long _lastConnectionId;
    private int _isChecking;
    private long _nextLookMs;

    /// <param name="meter">The broker's meter; the caller owns it.</param>
    public NetworkServer(NetworkOptions options, TimeProvider time, Meter meter, ILogger<NetworkServer> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _limits = new ConnectionLimits(options);
        var metrics = new NetworkMetrics(meter);
        var events = new ConnectionEvents(_limits, metrics, logger, NowMs);
        _services = new ConnectionServices(options, new MemoryBudget(options.RequestMemoryBytesMax), new OutgoingBatchPool(), new ReadinessLoops(), metrics, events, NowMs);
        _limits.Released += RetryAccepts;
        var interval = TimeSpan.FromMilliseconds(Math.Clamp(options.IdleMsMax / 4, 10, options.WatchIntervalMs));
        _timer = time.CreateTimer(static server => ((NetworkServer)server!).CheckConnections(), this, interval, interval);
    }

    public IReadOnlyList<TcpListenerLoop> Listeners => _listeners;

    /// <summary>Connections that are open now.</summary>
    public int ConnectionCount => _services.Events.OpenCount;

    internal long ReceiveMemoryUsedBytes => _services.Memory.UsedBytes;

    /// <summary>Binds a listener; <see cref="TcpListenerLoop.Start"/> begins to accept.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be resolved or bound.</exception>
    public TcpListenerLoop Bind(ListenerOptions listener, IConnectionHandler handler)
    {
        var loop = new TcpListenerLoop(listener, _services, _limits, handler, _logger, () => Interlocked.Increment(ref _lastConnectionId));
        lock (_listeners) _listeners.Add(loop);
        return loop;
    }

    /// <summary>Takes over the limits of connections from other options, and nothing else of them. Open connections stay.</summary>
    public void ChangeLimits(NetworkOptions options) => _limits.Change(options);

    /// <summary>Stops accepting, lets open requests finish for up to <paramref name="grace"/>, then closes what is left.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        foreach (TcpListenerLoop listener in ListenersNow()) listener.Stop();
        foreach (Connection connection in _services.Events.Open) connection.CloseWhenDrained(CloseReason.Shutdown);
        long deadlineMs = NowMs() + (long)grace.TotalMilliseconds;
        while (ConnectionCount > 0 && NowMs() < deadlineMs) await Task.Delay(TimeSpan.FromMilliseconds(10), _time).ConfigureAwait(false);
        if (ConnectionCount > 0) NetworkLog.ShutdownCut(_logger, ConnectionCount);
        // A connection accepted in the last moment before Stop may appear late.
        while (ConnectionCount > 0)
        {
            foreach (Connection connection in _services.Events.Open) connection.Close(CloseReason.Shutdown);
        }
        _services.Loops.Stop();
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);

    private long NowMs() => _time.GetTimestamp() / (_time.TimestampFrequency / 1000);

    private TcpListenerLoop[] ListenersNow()
    {
        lock (_listeners) return [.. _listeners];
    }

    private void RetryAccepts()
    {
        foreach (TcpListenerLoop listener in ListenersNow()) listener.Retry();
    }

    private void CheckConnections()
    {
        if (Interlocked.Exchange(ref _isChecking, 1) == 1) return;
        long nowMs = NowMs();
        if (nowMs >= _nextLookMs)
        {
            _nextLookMs = nowMs + ((long)ConnectionCount * 1000 / LooksPerSecondMax);
            CloseOverdue(nowMs);
        }
        _services.Memory.WakeAll();
        RetryAccepts();
        Volatile.Write(ref _isChecking, 0);
    }

    private void CloseOverdue(long nowMs)
    {
        bool memoryComesBack = false;
        foreach (Connection connection in _services.Events.Open)
        {
            if (connection.Check(nowMs) is not { } reason) continue;
            // Connections may wait for each other's memory: what one had may be enough for the rest.
            if (reason == CloseReason.RequestMemoryExhausted && memoryComesBack) continue;
            memoryComesBack |= reason == CloseReason.RequestMemoryExhausted;
            connection.Close(reason);
        }
    }
}
