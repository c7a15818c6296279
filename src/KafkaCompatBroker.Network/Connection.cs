using System.Net;

namespace KafkaCompatBroker.Network;

/// <summary>
/// One accepted connection. Its frames are read, handed to the handler and answered on the socket callback (one thread at a time);
/// reading stops while too many requests or answers are in flight, and resumes on a pool thread when there is room again.
/// </summary>
public sealed class Connection : ITransportEvents, IResponseQueueOwner, IThreadPoolWorkItem
{
    private const int ReceivesPerTurnMax = 64;
    private const int BytesPerTurnMax = 4 * 1024 * 1024;

    private readonly ConnectionServices _services;
    private readonly IConnectionHandler _handler;
    private readonly ITransport _transport;
    private readonly FrameReader _frames;
    private readonly ResponseQueue _responses;
    private readonly Lock _gate = new();
    private ConnectionWatch _watch;
    private RoutineWatch _routine;
    private ReaderState _reader = ReaderState.Running;
    private PauseCause _pause;
    private ReceiveBuffer? _dispatching;
    private int _dispatchingBytes;
    private long _receivedBytes;
    private long _sentBytes;
    private long _frameCount;
    private CancellationTokenSource? _closedSource;
    private volatile bool _isMuted;
    private volatile bool _waitsForMemory;
    private volatile bool _isDraining;
    private volatile bool _isClosed;

    internal Connection(long id, ConnectionServices services, ConnectionOrigin origin, IConnectionHandler handler, ITransport transport)
    {
        Id = id;
        Origin = origin;
        _services = services;
        _handler = handler;
        _transport = transport;
        _frames = new FrameReader(origin.Listener.FrameBytesMax ?? services.Options.FrameBytesMax, services.Memory);
        _responses = new ResponseQueue(transport, this, services.SendBuffers);
    }

    private enum PauseCause
    {
        Window,
        EarlierRequests,
        Memory,
    }

    /// <summary>Unique within the broker's run.</summary>
    public long Id { get; }

    public EndPoint RemoteAddress => Origin.Remote;

    public EndPoint LocalAddress => Origin.Local;

    public string ListenerName => Origin.Listener.Name;

    /// <summary>The handler's own state for this connection (client software, principal, ...); the network never looks at it.</summary>
    public object? State { get; set; }

    /// <summary>Requests that are read and not completed.</summary>
    public int OpenRequests => _responses.OpenCount;

    public bool IsClosed => _isClosed;

    internal ConnectionOrigin Origin { get; }

    /// <summary>Cancelled when the connection ends; made on first use, since most requests never ask.</summary>
    public CancellationToken Closed
    {
        get
        {
            lock (_gate)
            {
                _closedSource ??= new CancellationTokenSource();
                if (_isClosed) _closedSource.Cancel();
                return _closedSource.Token;
            }
        }
    }

    /// <summary>Takes the place in the order of answers for the frame being handled. Only inside <see cref="IConnectionHandler.OnFrame"/>.</summary>
    public ResponseSlot OpenSlot()
    {
        ReceiveBuffer? buffer = _dispatching ?? throw new InvalidOperationException("A slot is opened while its frame is handled, once.");
        _dispatching = null;
        buffer.AddReference();
        return _responses.Open(buffer, _dispatchingBytes);
    }

    /// <summary>
    /// The frame being handled is one that this peer sends at long intervals, and on whose answer nobody waits. When nothing else comes for a while,
    /// the next frame may be served some milliseconds late, together with those of others. Only inside <see cref="IConnectionHandler.OnFrame"/>.
    /// </summary>
    public void MarkRoutine() => _routine.Mark(_services.NowMs());

    /// <summary>Starts no further request until <see cref="Unmute"/>; answers still leave (KIP-219 throttling).</summary>
    public void Mute() => _isMuted = true;

    public void Unmute()
    {
        _isMuted = false;
        ResumeIfPossible();
    }

    /// <summary>Ends the connection now. Answers that are not sent are dropped, their leases released. Idempotent, any thread.</summary>
    /// <param name="reason">Metric tag and first word of the log line.</param>
    /// <param name="detail">What the log line says in addition.</param>
    public void Close(CloseReason reason, string? detail = null)
    {
        bool releaseFrames;
        CancellationTokenSource? closedSource;
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            releaseFrames = _reader == ReaderState.Paused;
            if (releaseFrames) _reader = ReaderState.Stopped;
            closedSource = _closedSource;
        }
        _transport.Dispose();
        _responses.Close();
        if (releaseFrames) _frames.Release();
        closedSource?.Cancel();
        _services.Events.OnClosed(this, reason, detail);
        _handler.OnClosed(this, reason);
    }

    /// <summary>Starts no further request; closes once the open ones are answered and sent.</summary>
    public void CloseWhenDrained(CloseReason reason)
    {
        _isDraining = true;
        _responses.CloseWhenDrained(reason);
    }

    void ITransportEvents.OnReadable()
    {
        lock (_gate) _reader = ReaderState.Running;
        Read(dispatchFirst: false);
    }

    void ITransportEvents.OnSent(int bytes, TransferStatus status) => _responses.OnSent(bytes, status);

    void IResponseQueueOwner.OnBytesSent(int bytes)
    {
        Interlocked.Add(ref _sentBytes, bytes);
        _services.Metrics.BytesSent.Add(bytes);
    }

    void IResponseQueueOwner.OnResponsesAdvanced()
    {
        // Pairs with the fence of the lock in TryPause: either this thread sees the pause or the reader sees the room.
        Interlocked.MemoryBarrier();
        if (_reader == ReaderState.Paused) ResumeIfPossible();
    }

    void IThreadPoolWorkItem.Execute() => Read(dispatchFirst: true);

    internal void Start()
    {
        _handler.OnOpened(this);
        _transport.Start(this);
        _services.Events.OnOpened(this);
        Read(dispatchFirst: false);
    }

    internal void OnMemoryAvailable()
    {
        lock (_gate)
        {
            if (_reader != ReaderState.Paused || _pause != PauseCause.Memory) return;
            _reader = ReaderState.Running;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>From the one timer: the reason to close this connection, if there is one.</summary>
    internal CloseReason? Check(long nowMs)
    {
        ReaderState reader = _reader;
        var sample = new ConnectionSample(
            Volatile.Read(ref _receivedBytes),
            Volatile.Read(ref _sentBytes),
            Volatile.Read(ref _frameCount),
            _frames.BufferedBytes,
            _responses.UnsentBytes,
            _responses.OpenCount,
            reader == ReaderState.Waiting,
            _waitsForMemory);
        return _watch.Check(sample, nowMs, _services.Options);
    }

    private void Read(bool dispatchFirst)
    {
        try
        {
            if (dispatchFirst && !TryDispatch()) return;
            int receives = 0;
            long turnStart = _receivedBytes;
            while (true)
            {
                TransferStatus status = Receive(out bool maybeMore);
                if (status == TransferStatus.Closed) return;
                if (status == TransferStatus.Done)
                {
                    if (!TryDispatch()) return;
                    // A peer that never pauses must not keep its neighbours on this callback thread waiting.
                    if (maybeMore && (++receives >= ReceivesPerTurnMax || _receivedBytes - turnStart >= BytesPerTurnMax))
                    {
                        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                        return;
                    }
                    if (maybeMore) continue;
                }
                if (!TryWait()) return;
                if (++receives >= ReceivesPerTurnMax)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                    return;
                }
            }
        }
        catch (Exception exception)
        {
            // Shell loop: whatever a handler throws costs its own connection, never the process.
            _services.Events.OnHandlerFailed(this, exception);
            Close(CloseReason.HandlerFailed);
            StopReading();
        }
    }

    /// <summary>True: bytes may be waiting, go on reading. False: a callback (or nobody) goes on.</summary>
    private bool TryWait()
    {
        _frames.Park();
        lock (_gate)
        {
            if (!_isClosed) _reader = ReaderState.Waiting;
        }
        if (_isClosed && _reader != ReaderState.Waiting)
        {
            StopReading();
            return false;
        }
        if (!_transport.WaitReadable(_routine.IsExpected)) return false;
        lock (_gate) _reader = ReaderState.Running;
        return true;
    }

    private TransferStatus Receive(out bool maybeMore)
    {
        maybeMore = false;
        if (_isClosed)
        {
            StopReading();
            return TransferStatus.Closed;
        }
        if (!_frames.TryPrepare(out Span<byte> destination))
        {
            // Stays while a wake-up tries again: the wait ends with memory, not with the trying.
            _waitsForMemory = true;
            return TryPause(PauseCause.Memory) ? TransferStatus.Closed : TransferStatus.WouldBlock;
        }
        _waitsForMemory = false;
        TransferStatus status = _transport.Receive(destination, out int bytes);
        if (status == TransferStatus.Done)
        {
            maybeMore = bytes == destination.Length;
            _frames.Commit(bytes);
            Volatile.Write(ref _receivedBytes, _receivedBytes + bytes);
            _services.Metrics.BytesReceived.Add(bytes);
        }
        else if (status == TransferStatus.Closed)
        {
            Close(CloseReason.PeerClosed);
            StopReading();
        }
        return status;
    }

    /// <summary>Handles every complete frame that has arrived. False: reading is paused or over, this thread is done.</summary>
    private bool TryDispatch()
    {
        _responses.Cork();
        while (true)
        {
            if (_isClosed || _isDraining || _responses.IsClosing)
            {
                _responses.Uncork();
                TryPause(PauseCause.Window);
                return false;
            }
            FrameStatus status = _frames.TryPeek(out ReadOnlyMemory<byte> frame);
            if (status == FrameStatus.Incomplete)
            {
                _responses.Uncork();
                return true;
            }
            if (status != FrameStatus.Complete)
            {
                _responses.Uncork();
                Close(status == FrameStatus.TooLarge ? CloseReason.FrameTooLarge : CloseReason.FrameSizeInvalid);
                StopReading();
                return false;
            }
            if (!HasWindow())
            {
                _responses.Uncork();
                if (TryPause(PauseCause.Window)) return false;
                _responses.Cork();
            }
            else if (!TryHandle(frame))
            {
                _responses.Uncork();
                if (TryPause(PauseCause.EarlierRequests)) return false;
                _responses.Cork();
            }
        }
    }

    private bool TryHandle(ReadOnlyMemory<byte> frame)
    {
        _dispatching = _frames.Buffer;
        _dispatchingBytes = frame.Length;
        bool taken = _handler.OnFrame(this, frame);
        _dispatching = null;
        if (!taken) return false;
        _routine.Served();
        _frames.Skip(frame.Length);
        Volatile.Write(ref _frameCount, _frameCount + 1);
        return true;
    }

    private bool HasWindow()
    {
        NetworkOptions options = _services.Options;
        return !_isMuted && !_isDraining && !_responses.IsClosing
            && _responses.OpenCount < options.RequestsInFlightMax
            && _responses.OpenBytes < options.RequestBytesInFlightMax
            && _responses.UnsentBytes < options.UnsentBytesMax;
    }

    private bool CanResume(PauseCause cause) => cause switch
    {
        PauseCause.Window => HasWindow(),
        PauseCause.EarlierRequests => _responses.OpenCount == 0 && HasWindow(),
        _ => false,
    };

    /// <summary>Stops reading unless there is room by now.</summary>
    private bool TryPause(PauseCause cause)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                _reader = ReaderState.Stopped;
                _frames.Release();
                return true;
            }
            _pause = cause;
            _reader = ReaderState.Paused;
            Interlocked.MemoryBarrier();
            if (CanResume(cause))
            {
                _reader = ReaderState.Running;
                return false;
            }
        }
        _services.Metrics.ReadPauses.Add(1);
        if (cause == PauseCause.Memory) _services.Memory.Enqueue(this);
        return true;
    }

    private void ResumeIfPossible()
    {
        lock (_gate)
        {
            if (_isClosed || _reader != ReaderState.Paused || !CanResume(_pause)) return;
            _reader = ReaderState.Running;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void StopReading()
    {
        lock (_gate)
        {
            if (_reader == ReaderState.Stopped) return;
            _reader = ReaderState.Stopped;
        }
        _frames.Release();
    }
}
