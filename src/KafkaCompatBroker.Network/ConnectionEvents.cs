using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Network;

/// <summary>Books the life of every connection: the table of open ones, limits, counters and log lines.</summary>
internal sealed class ConnectionEvents(ConnectionLimits limits, NetworkMetrics metrics, ILogger logger, Func<long> nowMs)
{
    private const int LinesPerSecondMax = 10;
    private readonly ConcurrentDictionary<Connection, Connection> _open = new(ReferenceEqualityComparer.Instance);
    private readonly LogThrottle _rejections = new(LinesPerSecondMax);
    private readonly LogThrottle _refusals = new(LinesPerSecondMax);
    private readonly LogThrottle _acceptFailures = new(1);

    public int OpenCount => _open.Count;

    /// <summary>The open connections; may include some that close meanwhile.</summary>
    public IEnumerable<Connection> Open => _open.Select(pair => pair.Value);

    public void OnOpened(Connection connection)
    {
        _open[connection] = connection;
        // Whoever closed it before it was in the table did not find it there.
        if (connection.IsClosed) _open.TryRemove(connection, out _);
        var listener = new KeyValuePair<string, object?>("listener", connection.ListenerName);
        metrics.ConnectionsAccepted.Add(1, listener);
        metrics.ConnectionsActive.Add(1, listener);
        NetworkLog.ConnectionOpened(logger, connection.Id, connection.RemoteAddress, connection.ListenerName);
    }

    public void OnClosed(Connection connection, CloseReason reason, string? detail)
    {
        _open.TryRemove(connection, out _);
        limits.Release(connection.Origin);
        var listener = new KeyValuePair<string, object?>("listener", connection.ListenerName);
        metrics.ConnectionsActive.Add(-1, listener);
        metrics.ConnectionsClosed.Add(1, listener, new KeyValuePair<string, object?>("reason", reason));
        if (!IsPeersFault(reason))
        {
            NetworkLog.ConnectionClosed(logger, connection.Id, connection.RemoteAddress, connection.ListenerName, reason);
        }
        else if (_rejections.TryPass(nowMs(), out long suppressed))
        {
            NetworkLog.ConnectionRejected(logger, connection.Id, connection.RemoteAddress, connection.ListenerName, reason, detail, suppressed);
        }
    }

    public void OnHandlerFailed(Connection connection, Exception exception) =>
        NetworkLog.HandlerFailed(logger, exception, connection.Id, connection.RemoteAddress);

    public void OnAddressRefused(IPAddress address, string listener, int limit)
    {
        metrics.ConnectionsRefused.Add(1, new KeyValuePair<string, object?>("listener", listener));
        if (_refusals.TryPass(nowMs(), out long suppressed)) NetworkLog.AddressLimitReached(logger, address, listener, limit, suppressed);
    }

    public void OnAddressTooFast(IPAddress address, string listener, int limit)
    {
        metrics.ConnectionsRefused.Add(1, new KeyValuePair<string, object?>("listener", listener));
        if (_refusals.TryPass(nowMs(), out long suppressed)) NetworkLog.AddressRateReached(logger, address, listener, limit, suppressed);
    }

    public void OnAcceptFailed(string listener, SocketError error)
    {
        metrics.AcceptFailures.Add(1, new KeyValuePair<string, object?>("listener", listener));
        if (_acceptFailures.TryPass(nowMs(), out long suppressed)) NetworkLog.AcceptFailed(logger, listener, error, suppressed);
    }

    public void OnAcceptingPaused(string listener, AdmissionStatus reason) => NetworkLog.AcceptingPaused(logger, listener, reason);

    private static bool IsPeersFault(CloseReason reason) => reason is CloseReason.FrameSizeInvalid or CloseReason.FrameTooLarge
        or CloseReason.FrameTooSlow or CloseReason.WriteStalled or CloseReason.RequestMemoryExhausted or CloseReason.ProtocolViolation;
}
