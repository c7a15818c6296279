using System.Net.Sockets;

namespace KafkaCompatBroker.Network;

/// <summary>
/// A TCP socket without encryption, on Linux: calls that do not wait, and a <see cref="ReadinessLoop"/> that says when to make them. Each direction
/// either waits for an edge, or has been told of one that nobody has looked at, or neither.
/// </summary>
internal sealed class EpollTransport(Socket socket, ReadinessLoops loops) : ITransport
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Told = 2;

    private readonly Lock _gate = new();
    private readonly SafeSocketHandle _handle = socket.SafeHandle;
    private ITransportEvents? _events;
    private ReadinessLoop? _home;
    private ReadinessLoop? _loop;
    private ReadOnlyMemory<byte> _unsent;
    private int _reading;
    private int _writing;
    private volatile bool _hasEnded;
    private volatile bool _isUnwatched;
    private volatile bool _isDisposed;

    /// <summary>Where the loop finds this transport; the loop's.</summary>
    public long Token { get; set; }

    public void Start(ITransportEvents events)
    {
        _events = events;
        _home = loops.Prompt();
        MoveTo(_home);
    }

    public TransferStatus Receive(Span<byte> destination, out int bytes)
    {
        bytes = 0;
        if (_isUnwatched) return TransferStatus.Closed;
        try
        {
            return NativeSocket.Receive(_handle, destination, out bytes);
        }
        catch (ObjectDisposedException)
        {
            return TransferStatus.Closed;
        }
    }

    public bool WaitReadable(bool isPatient)
    {
        // Its edge may have been one with that of the last bytes, so there is none to wait for.
        if (_hasEnded) return true;
        ReadinessLoop? loop = isPatient ? loops.Patient() : _home;
        return loop == _loop ? !TryWait(ref _reading) : !TryWaitAt(loop);
    }

    public TransferStatus Send(ReadOnlySpan<ReadOnlyMemory<byte>> pieces, out int bytes)
    {
        try
        {
            return pieces.Length == 1 ? NativeSocket.Send(_handle, pieces[0].Span, out bytes) : NativeSocket.Send(_handle, pieces, out bytes);
        }
        catch (ObjectDisposedException)
        {
            bytes = 0;
            return TransferStatus.Closed;
        }
    }

    public bool SendWaiting(ReadOnlyMemory<byte> piece, out int bytes, out TransferStatus status)
    {
        _unsent = piece;
        while (true)
        {
            // Told before this attempt: the attempt itself is the look.
            Interlocked.CompareExchange(ref _writing, Idle, Told);
            status = Send([piece], out bytes);
            if (status != TransferStatus.WouldBlock)
            {
                _unsent = default;
                return true;
            }

            if (TryWait(ref _writing)) return false;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _loop?.Forget(Token);
        }
        socket.Dispose();
        // Whoever waits is told, as of any other end.
        if (TryWake(ref _reading)) _events?.OnReadable();
        if (TryWake(ref _writing)) _events?.OnSent(0, TransferStatus.Closed);
    }

    /// <summary>From the loop: the socket has become ready.</summary>
    internal void OnEvent(uint mask)
    {
        if ((mask & (NativeEpoll.PeerStoppedSending | NativeEpoll.Over)) != 0) _hasEnded = true;
        if ((mask & ~NativeEpoll.Writable) != 0 && TryTell(ref _reading)) _events!.OnReadable();
        if ((mask & (NativeEpoll.Writable | NativeEpoll.Over)) == 0 || !TryTell(ref _writing)) return;
        if (SendWaiting(_unsent, out int bytes, out TransferStatus status)) _events!.OnSent(bytes, status);
    }

    /// <summary>Goes over to another loop, which looks at the socket at once: this thread has others to serve. True: waits there.</summary>
    private bool TryWaitAt(ReadinessLoop? loop)
    {
        while (!TryWait(ref _reading))
        {
            if (_isDisposed) return false;
        }

        MoveTo(loop);
        return !_isUnwatched || !TryWake(ref _reading);
    }

    /// <summary>True: waits from now on. False: told of something meanwhile, or over.</summary>
    private bool TryWait(ref int direction)
    {
        if (Interlocked.CompareExchange(ref direction, Waiting, Idle) != Idle)
        {
            Volatile.Write(ref direction, Idle);
            return false;
        }
        // Either Dispose sees that somebody waits, or this thread sees that it is over.
        return !_isDisposed || !TryWake(ref direction);
    }

    /// <summary>Leaves word; true when somebody waits for it and has to be called.</summary>
    private static bool TryTell(ref int direction)
    {
        while (true)
        {
            if (TryWake(ref direction)) return true;
            if (Interlocked.CompareExchange(ref direction, Told, Idle) != Waiting) return false;
        }
    }

    private static bool TryWake(ref int direction) => Interlocked.CompareExchange(ref direction, Idle, Waiting) == Waiting;

    private void MoveTo(ReadinessLoop? loop)
    {
        lock (_gate)
        {
            if (_isDisposed || _isUnwatched) return;
            _loop?.Remove(Token, _handle);
            _loop = loop is not null && loop.TryAdd(this, _handle) ? loop : null;
            // The broker stops, or the kernel has no room: nobody would ever look at this socket again.
            _isUnwatched = _loop is null;
        }
    }
}
