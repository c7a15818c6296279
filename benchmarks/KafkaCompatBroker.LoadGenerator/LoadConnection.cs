using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>
/// One connection under closed-loop load: keeps <c>depth</c> requests in flight, driven by socket callbacks. Latency is from handing a
/// request to the kernel to the last byte of its answer.
/// </summary>
internal abstract class LoadConnection : IDisposable
{
    private const int FramesPerSendMax = 64;
    private const int SendBytesMax = 4 * 1024 * 1024;

    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _receive = new(unsafeSuppressExecutionContextFlow: true);
    private readonly SocketAsyncEventArgs _send = new(unsafeSuppressExecutionContextFlow: true);
    private readonly Lock _gate = new();
    private readonly Queue<long> _sentTicks = new();
    private readonly int _depth;
    private byte[] _received = new byte[64 * 1024];
    private byte[] _frames = [];
    private int _frameBytes;
    private int _receivedBytes;
    private int _waitingToSend;
    private bool _isSending;
    private bool _stops;
    private bool _measures;

    protected LoadConnection(WireClient client, int depth)
    {
        _socket = client.Socket;
        _depth = depth;
        _receive.Completed += (_, _) => Run(OnReceived);
        _send.Completed += (_, _) => Run(OnSent);
    }

    public LatencyHistogram Latency { get; } = new();

    public long Requests { get; private set; }

    public long Records { get; private set; }

    public long Bytes { get; private set; }

    public long Errors { get; private set; }

    public string FirstError { get; private set; } = "";

    /// <summary>Nothing is in flight any more.</summary>
    public bool IsFinished
    {
        get
        {
            lock (_gate) return _stops && (_sentTicks.Count == 0 || Errors > 0);
        }
    }

    public void Start() => Run(() =>
    {
        SetFrame(FirstFrame());
        _waitingToSend = _depth;
        SendWaiting();
        Receive();
    });

    /// <summary>Counts from now on.</summary>
    public void Measure()
    {
        lock (_gate) _measures = true;
    }

    public void Stop()
    {
        lock (_gate) _stops = true;
    }

    /// <summary>Counts no more.</summary>
    public void EndMeasure()
    {
        lock (_gate) _measures = false;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _receive.Dispose();
        _send.Dispose();
    }

    /// <summary>The request, with its length prefix.</summary>
    protected abstract byte[] FirstFrame();

    /// <summary>Looks at an answer: how many records and bytes it stands for.</summary>
    /// <exception cref="IOException">The answer is an error.</exception>
    protected abstract (int Records, int Bytes) OnAnswer(ReadOnlySpan<byte> answer);

    /// <summary>Every frame differs: each is sent by itself, patched before.</summary>
    protected virtual bool SendsOneByOne => false;

    /// <summary>Before the next send of a single frame: the place to patch it.</summary>
    protected virtual void BeforeSend(Span<byte> frame)
    {
    }

    private void SetFrame(byte[] frame)
    {
        int copies = SendsOneByOne ? 1 : Math.Clamp(Math.Min(_depth, SendBytesMax / frame.Length), 1, FramesPerSendMax);
        _frameBytes = frame.Length;
        _frames = new byte[copies * frame.Length];
        for (int i = 0; i < copies; i++) frame.CopyTo(_frames, i * frame.Length);
    }

    private void Run(Action step)
    {
        lock (_gate)
        {
            try
            {
                step();
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
            {
                Errors++;
                if (FirstError.Length == 0) FirstError = exception.Message;
                _stops = true;
            }
        }
    }

    private void SendWaiting()
    {
        while (_waitingToSend > 0 && !_isSending)
        {
            int count = Math.Min(_waitingToSend, _frames.Length / _frameBytes);
            if (count == 1) BeforeSend(_frames.AsSpan(0, _frameBytes));
            long now = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++) _sentTicks.Enqueue(now);
            _waitingToSend -= count;
            _send.SetBuffer(_frames, 0, count * _frameBytes);
            _isSending = true;
            if (_socket.SendAsync(_send)) return;
            CheckSent();
        }
    }

    private void OnSent()
    {
        CheckSent();
        SendWaiting();
    }

    private void CheckSent()
    {
        _isSending = false;
        if (_send.SocketError != SocketError.Success) throw new SocketException((int)_send.SocketError);
    }

    private void Receive()
    {
        while (true)
        {
            _receive.SetBuffer(_received, _receivedBytes, _received.Length - _receivedBytes);
            if (_socket.ReceiveAsync(_receive)) return;
            TakeReceived();
        }
    }

    private void OnReceived()
    {
        TakeReceived();
        Receive();
    }

    private void TakeReceived()
    {
        if (_receive.SocketError != SocketError.Success) throw new SocketException((int)_receive.SocketError);
        if (_receive.BytesTransferred == 0) throw new IOException("the broker closed the connection");
        _receivedBytes += _receive.BytesTransferred;
        int at = 0;
        long now = Stopwatch.GetTimestamp();
        while (_receivedBytes - at >= sizeof(int))
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(_received.AsSpan(at));
            if (_receivedBytes - at - sizeof(int) < length)
            {
                if (length + sizeof(int) > _received.Length) Array.Resize(ref _received, length + sizeof(int) + 4096);
                break;
            }
            Count(_received.AsSpan(at + sizeof(int), length), now);
            at += sizeof(int) + length;
        }
        _received.AsSpan(at, _receivedBytes - at).CopyTo(_received);
        _receivedBytes -= at;
        SendWaiting();
    }

    private void Count(ReadOnlySpan<byte> answer, long now)
    {
        (int records, int bytes) = OnAnswer(answer);
        long sent = _sentTicks.Dequeue();
        if (_measures)
        {
            Latency.Record(now - sent);
            Requests++;
            Records += records;
            Bytes += bytes;
        }
        if (!_stops) _waitingToSend++;
    }
}
