using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Network;

/// <summary>
/// A TCP socket without encryption, on systems without <see cref="EpollTransport"/>. Waiting for bytes is a zero-byte receive, so an idle
/// connection pins no buffer; taking and sending are non-blocking calls on the thread that wants them.
/// </summary>
internal sealed class PlaintextTransport : ITransport
{
    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _readable = new(unsafeSuppressExecutionContextFlow: true);
    private readonly Lock _disposal = new();
    private SocketAsyncEventArgs? _sent;
    private ITransportEvents? _events;
    private bool _disposed;

    public PlaintextTransport(Socket socket)
    {
        _socket = socket;
        _socket.Blocking = false;
    }

    public void Start(ITransportEvents events)
    {
        _events = events;
        _readable.SetBuffer(Memory<byte>.Empty);
        _readable.Completed += (_, _) => _events.OnReadable();
    }

    public TransferStatus Receive(Span<byte> destination, out int bytes)
    {
        try
        {
            bytes = _socket.Receive(destination, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success) return bytes > 0 ? TransferStatus.Done : TransferStatus.Closed;
            return error == SocketError.WouldBlock ? TransferStatus.WouldBlock : TransferStatus.Closed;
        }
        catch (ObjectDisposedException)
        {
            bytes = 0;
            return TransferStatus.Closed;
        }
    }

    public bool WaitReadable(bool isPatient)
    {
        try
        {
            return !_socket.ReceiveAsync(_readable);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    public TransferStatus Send(ReadOnlySpan<ReadOnlyMemory<byte>> pieces, out int bytes)
    {
        try
        {
            bytes = _socket.Send(pieces[0].Span, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success) return TransferStatus.Done;
            return error == SocketError.WouldBlock ? TransferStatus.WouldBlock : TransferStatus.Closed;
        }
        catch (ObjectDisposedException)
        {
            bytes = 0;
            return TransferStatus.Closed;
        }
    }

    public bool SendWaiting(ReadOnlyMemory<byte> piece, out int bytes, out TransferStatus status)
    {
        bytes = 0;
        status = TransferStatus.Closed;
        SocketAsyncEventArgs? sent = SentArguments();
        if (sent is null) return true;
        try
        {
            sent.SetBuffer(MemoryMarshal.AsMemory(piece));
            if (_socket.SendAsync(sent)) return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
        bytes = sent.BytesTransferred;
        status = StatusOf(sent);
        return true;
    }

    public void Dispose()
    {
        lock (_disposal)
        {
            if (_disposed) return;
            _disposed = true;
        }
        _socket.Dispose();
        _readable.Dispose();
        _sent?.Dispose();
    }

    /// <summary>Most peers read fast enough: the second event-args object exists only for those that once did not.</summary>
    private SocketAsyncEventArgs? SentArguments()
    {
        lock (_disposal)
        {
            if (_disposed) return null;
            if (_sent is not null) return _sent;
            _sent = new SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true);
            _sent.Completed += (_, arguments) => _events!.OnSent(arguments.BytesTransferred, StatusOf(arguments));
            return _sent;
        }
    }

    private static TransferStatus StatusOf(SocketAsyncEventArgs arguments) =>
        arguments.SocketError == SocketError.Success ? TransferStatus.Done : TransferStatus.Closed;
}
