using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Network;

/// <summary>
/// Accepts the connections of one listener. When a limit is reached or the process is out of descriptors it waits with what it
/// has in hand, leaving the rest in the kernel's backlog, and goes on when a connection ends or the timer ticks.
/// </summary>
public sealed class TcpListenerLoop
{
    private readonly ListenerOptions _listener;
    private readonly ConnectionServices _services;
    private readonly ConnectionLimits _limits;
    private readonly IConnectionHandler _handler;
    private readonly ILogger _logger;
    private readonly Func<long> _nextConnectionId;
    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _accept = new(unsafeSuppressExecutionContextFlow: true);
    private readonly Lock _gate = new();
    private Socket? _held;
    private bool _isWaiting;
    private bool _isStopped;

    internal TcpListenerLoop(
        ListenerOptions listener,
        ConnectionServices services,
        ConnectionLimits limits,
        IConnectionHandler handler,
        ILogger logger,
        Func<long> nextConnectionId)
    {
        _listener = listener;
        _services = services;
        _limits = limits;
        _handler = handler;
        _logger = logger;
        _nextConnectionId = nextConnectionId;
        _socket = Bind(listener, services.Options);
        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _accept.Completed += (_, _) => AcceptAll(alreadyAccepted: true);
    }

    public string Name => _listener.Name;

    /// <summary>The bound address, with the port that the kernel chose when 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Starts to accept; until then connections wait in the backlog.</summary>
    public void Start()
    {
        NetworkLog.ListenerStarted(_logger, Name, LocalEndPoint);
        // Never on the caller: with a full backlog the loop would handle requests on the thread that starts the broker.
        ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.AcceptAll(alreadyAccepted: false), this, preferLocal: false);
    }

    /// <summary>Stops to accept and frees the port; open connections live on.</summary>
    public void Stop()
    {
        Socket? held;
        lock (_gate)
        {
            if (_isStopped) return;
            _isStopped = true;
            (held, _held) = (_held, null);
        }
        held?.Dispose();
        _socket.Dispose();
        _accept.Dispose();
        NetworkLog.ListenerStopped(_logger, Name, LocalEndPoint);
    }

    /// <summary>A connection ended or time passed: tries again with what it waits for.</summary>
    internal void Retry()
    {
        lock (_gate)
        {
            if (!_isWaiting || _isStopped) return;
            _isWaiting = false;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.AcceptAll(alreadyAccepted: false), this, preferLocal: false);
    }

    private static Socket Bind(ListenerOptions listener, NetworkOptions options)
    {
        IPAddress address = AddressOf(listener.Host);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = address.Equals(IPAddress.IPv6Any);
            // Accepted sockets inherit it, and only so does the window scale follow a large buffer.
            if (options.ReceiveBufferBytes > 0) socket.ReceiveBufferSize = options.ReceiveBufferBytes;
            socket.Bind(new IPEndPoint(address, listener.Port));
            socket.Listen(options.ListenBacklog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPAddress AddressOf(string? host)
    {
        if (string.IsNullOrEmpty(host)) return Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        if (IPAddress.TryParse(host, out IPAddress? literal)) return literal;
        IPAddress[] addresses = Dns.GetHostAddresses(host);
        return Array.Find(addresses, address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
    }

    private void AcceptAll(bool alreadyAccepted)
    {
        try
        {
            if (!alreadyAccepted && !TryAdmitHeld()) return;
            while (true)
            {
                if (!alreadyAccepted && _socket.AcceptAsync(_accept)) return;
                alreadyAccepted = false;
                if (!TryTakeAccepted()) return;
            }
        }
        catch (ObjectDisposedException)
        {
            // Stop() closed the socket under the loop: that is how it ends.
        }
    }

    private bool TryTakeAccepted()
    {
        SocketError error = _accept.SocketError;
        Socket? socket = _accept.AcceptSocket;
        _accept.AcceptSocket = null;
        if (error == SocketError.OperationAborted || _isStopped)
        {
            socket?.Dispose();
            return false;
        }
        if (error != SocketError.Success || socket is null)
        {
            // The peer of an aborted handshake is gone, which costs nothing; anything else (no descriptors, no memory) needs time.
            if (error == SocketError.ConnectionAborted) return true;
            _services.Events.OnAcceptFailed(Name, error);
            WaitForRoom();
            return false;
        }
        lock (_gate)
        {
            if (!_isStopped) _held = socket;
            else socket.Dispose();
        }
        return TryAdmitHeld();
    }

    /// <summary>True: nothing is in hand, accept the next. False: the loop waits, or is stopped.</summary>
    private bool TryAdmitHeld()
    {
        if (_held is not { } socket) return !_isStopped;
        if (RemoteOf(socket) is not { } remote)
        {
            Drop(socket);
            return true;
        }
        var origin = new ConnectionOrigin(_listener, (IPEndPoint)socket.LocalEndPoint!, remote);
        AdmissionStatus status = _limits.TryAdmit(origin, _services.NowMs());
        switch (status)
        {
            case AdmissionStatus.Admitted:
                lock (_gate) _held = null;
                Open(socket, origin);
                return true;
            case AdmissionStatus.AddressLimit:
                _services.Events.OnAddressRefused(remote.Address, Name, _limits.AddressLimit(remote.Address));
                Drop(socket);
                return true;
            case AdmissionStatus.AddressRate:
                _services.Events.OnAddressTooFast(remote.Address, Name, _limits.AddressRate(remote.Address));
                Drop(socket);
                return true;
            default:
                _services.Events.OnAcceptingPaused(Name, status);
                WaitForRoom();
                return false;
        }
    }

    private void WaitForRoom()
    {
        lock (_gate) _isWaiting = true;
    }

    private void Drop(Socket socket)
    {
        lock (_gate) _held = null;
        socket.Dispose();
    }

    private void Open(Socket socket, ConnectionOrigin origin)
    {
        try
        {
            Configure(socket);
        }
        catch (SocketException)
        {
            // Reset by the peer between the handshake and now.
            _limits.Release(origin);
            socket.Dispose();
            return;
        }
        ITransport transport = _listener.Transports?.Create(socket, origin.Remote) ?? Plaintext(socket);
        new Connection(_nextConnectionId(), _services, origin, _handler, transport).Start();
    }

    private ITransport Plaintext(Socket socket) =>
        NativeEpoll.IsSupported ? new EpollTransport(socket, _services.Loops) : new PlaintextTransport(socket);

    private void Configure(Socket socket)
    {
        NetworkOptions options = _services.Options;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        if (options.SendBufferBytes > 0) socket.SendBufferSize = options.SendBufferBytes;
        if (options.ReceiveBufferBytes > 0) socket.ReceiveBufferSize = options.ReceiveBufferBytes;
    }

    private static IPEndPoint? RemoteOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint as IPEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
