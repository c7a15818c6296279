using System.Net;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Network;

/// <summary>Every log event of the network.</summary>
internal static partial class NetworkLog
{
    [LoggerMessage(1, LogLevel.Information, "Listener {Listener} accepts connections on {EndPoint}")]
    public static partial void ListenerStarted(ILogger logger, string listener, EndPoint endPoint);

    [LoggerMessage(2, LogLevel.Information, "Listener {Listener} on {EndPoint} is closed")]
    public static partial void ListenerStopped(ILogger logger, string listener, EndPoint endPoint);

    [LoggerMessage(3, LogLevel.Debug, "Connection {Id} from {Remote} on listener {Listener} opened")]
    public static partial void ConnectionOpened(ILogger logger, long id, EndPoint remote, string listener);

    [LoggerMessage(4, LogLevel.Debug, "Connection {Id} from {Remote} on listener {Listener} closed: {Reason}")]
    public static partial void ConnectionClosed(ILogger logger, long id, EndPoint remote, string listener, CloseReason reason);

    [LoggerMessage(5, LogLevel.Warning, "Connection {Id} from {Remote} on listener {Listener} was closed by the broker: {Reason} {Detail} ({Suppressed} such lines left out)")]
    public static partial void ConnectionRejected(ILogger logger, long id, EndPoint remote, string listener, CloseReason reason, string? detail, long suppressed);

    [LoggerMessage(6, LogLevel.Error, "The handler of connection {Id} from {Remote} failed; the connection is closed")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, long id, EndPoint remote);

    [LoggerMessage(7, LogLevel.Warning, "Connection from {Address} on listener {Listener} refused: the limit of {Limit} connections from one address is reached ({Suppressed} such lines left out)")]
    public static partial void AddressLimitReached(ILogger logger, IPAddress address, string listener, int limit, long suppressed);

    [LoggerMessage(8, LogLevel.Warning, "Listener {Listener} stops accepting: {Reason}; connections wait in the backlog")]
    public static partial void AcceptingPaused(ILogger logger, string listener, AdmissionStatus reason);

    [LoggerMessage(9, LogLevel.Error, "Listener {Listener} cannot accept: {Error}; it tries again ({Suppressed} such lines left out)")]
    public static partial void AcceptFailed(ILogger logger, string listener, System.Net.Sockets.SocketError error, long suppressed);

    [LoggerMessage(10, LogLevel.Warning, "{Count} connections were cut at the end of the shutdown grace with unfinished requests")]
    public static partial void ShutdownCut(ILogger logger, int count);

    [LoggerMessage(11, LogLevel.Warning, "Connection from {Address} on listener {Listener} refused: more than {Limit} connections a second from one address ({Suppressed} such lines left out)")]
    public static partial void AddressRateReached(ILogger logger, IPAddress address, string listener, int limit, long suppressed);
}
