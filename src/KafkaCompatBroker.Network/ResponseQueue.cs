namespace KafkaCompatBroker.Network;

/// <summary>What a <see cref="ResponseQueue"/> tells its connection.</summary>
internal interface IResponseQueueOwner
{
    /// <summary>Slots completed or bytes left: reading may go on.</summary>
    void OnResponsesAdvanced();

    void OnBytesSent(int bytes);

    void Close(CloseReason reason, string? detail);
}

/// <summary>
/// Orders and sends the answers of one connection. Slots complete from any thread; one thread at a time sends, the rest leave
/// their answers in the queue for it. While corked (a receive batch is being handled) answers collect and leave as one send.
/// </summary>
internal sealed class ResponseQueue(ITransport transport, IResponseQueueOwner owner, OutgoingBatchPool pool)
{
    private readonly Lock _gate = new();
    private readonly ResponseSequencer _sequencer = new();
    private ResponseFrame? _readyHead;
    private ResponseFrame? _readyTail;
    private OutgoingBatch? _batch;
    private ConnectionEnd? _closeWhenSent;
    private ConnectionEnd? _drainEnd;
    private long _unsentBytes;
    private bool _isCorked;
    private bool _isSending;
    private volatile bool _isClosing;
    private volatile bool _isClosed;

    /// <summary>Requests read and not completed.</summary>
    public int OpenCount => _sequencer.OpenCount;

    public long OpenBytes => _sequencer.OpenBytes;

    /// <summary>Bytes of answers, in turn, that the peer has not taken.</summary>
    public long UnsentBytes => Volatile.Read(ref _unsentBytes);

    /// <summary>A close was ordered after the answers so far: no further request may start.</summary>
    public bool IsClosing => _isClosing;

    public ResponseSlot Open(ReceiveBuffer? frameBuffer, int frameBytes)
    {
        var slot = new ResponseSlot(this, frameBuffer, frameBytes);
        lock (_gate) _sequencer.Open(slot);
        return slot;
    }

    public void Complete(ResponseSlot slot, ResponseFrame? frame, ConnectionEnd? closeAfter)
    {
        bool send, drop;
        lock (_gate)
        {
            _sequencer.Complete(slot, frame, closeAfter);
            drop = _isClosed;
            if (!drop) TakeReady();
            send = TryBecomeSender();
        }
        if (drop) frame?.Release();
        if (send) SendAll();
        owner.OnResponsesAdvanced();
    }

    public void Cork()
    {
        lock (_gate) _isCorked = true;
    }

    public void Uncork()
    {
        bool send;
        lock (_gate)
        {
            _isCorked = false;
            send = TryBecomeSender();
        }
        if (send) SendAll();
    }

    /// <summary>Closes once every opened slot has completed and its answer is sent; slots opened later count too.</summary>
    public void CloseWhenDrained(CloseReason reason)
    {
        bool send;
        lock (_gate)
        {
            _drainEnd ??= new ConnectionEnd(reason, null);
            send = TryBecomeSender();
        }
        if (send) SendAll();
    }

    /// <summary>The connection is gone: nothing more is sent, every held frame is released.</summary>
    public void Close()
    {
        List<ResponseFrame> abandoned;
        ResponseFrame? ready;
        OutgoingBatch? batch = null;
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = _isClosing = true;
            abandoned = _sequencer.Abandon();
            ready = _readyHead;
            _readyHead = _readyTail = null;
            // A sender in the middle of a send still reads its batch; it releases the batch when it sees the close.
            if (!_isSending) (batch, _batch) = (_batch, null);
        }
        foreach (ResponseFrame frame in abandoned) frame.Release();
        for (; ready is not null; ready = ready.Next) ready.Release();
        if (batch is not null) pool.Return(batch);
    }

    /// <summary>The waiting send of <see cref="ITransport.SendWaiting"/> ended.</summary>
    public void OnSent(int bytes, TransferStatus status)
    {
        Account(bytes);
        if (status == TransferStatus.Closed) owner.Close(CloseReason.PeerFailed, null);
        SendAll();
        owner.OnResponsesAdvanced();
    }

    private void TakeReady()
    {
        while (_closeWhenSent is null && _sequencer.TakeReady() is { } slot)
        {
            if (slot.Frame is { } frame)
            {
                if (_readyTail is null) _readyHead = frame;
                else _readyTail.Next = frame;
                _readyTail = frame;
                Interlocked.Add(ref _unsentBytes, frame.Length + OutgoingBatch.PrefixBytes);
            }
            _closeWhenSent = slot.CloseAfter;
            _isClosing = _closeWhenSent is not null;
        }
    }

    private bool TryBecomeSender()
    {
        if (_isCorked || _isSending || _isClosed) return false;
        _isSending = _readyHead is not null || CloseNow is not null;
        return _isSending;
    }

    private ConnectionEnd? CloseNow => _closeWhenSent ?? (_sequencer.OpenCount == 0 ? _drainEnd : null);

    private void SendAll()
    {
        while (true)
        {
            if ((_isClosed || _batch is null || _batch.IsSent) && !TryFillBatch()) return;
            TransferStatus status = transport.Send(_batch!.Pieces, out int bytes);
            if (status == TransferStatus.WouldBlock && !transport.SendWaiting(_batch.WaitingPiece, out bytes, out status)) return;
            Account(bytes);
            if (status == TransferStatus.Closed) CloseFailed();
        }
    }

    private void Account(int bytes)
    {
        if (bytes <= 0) return;
        _batch!.Advance(bytes);
        Interlocked.Add(ref _unsentBytes, -bytes);
        owner.OnBytesSent(bytes);
    }

    private void CloseFailed()
    {
        owner.Close(CloseReason.PeerFailed, null);
        Close();
    }

    /// <summary>Lays out what comes next. False: nothing is left (or the connection is closed) and this thread sends no more.</summary>
    private bool TryFillBatch()
    {
        while (true)
        {
            lock (_gate)
            {
                if (!_isClosed && _readyHead is not null)
                {
                    _batch ??= pool.Rent();
                    _batch.Append(_readyHead, _readyTail!);
                    _readyHead = _readyTail = null;
                }
            }
            if (!_isClosed)
            {
                _batch?.LayOut();
                if (_batch is { IsSent: false }) return true;
            }
            if (TryStopSending()) return false;
        }
    }

    /// <summary>Gives up the sender's role, unless an answer became ready meanwhile.</summary>
    private bool TryStopSending()
    {
        OutgoingBatch? batch;
        ConnectionEnd? close;
        lock (_gate)
        {
            if (!_isClosed && _readyHead is not null) return false;
            (batch, _batch) = (_batch, null);
            _isSending = false;
            close = _isClosed ? null : CloseNow;
        }
        if (batch is not null) pool.Return(batch);
        if (close is { } end) owner.Close(end.Reason, end.Detail);
        return true;
    }
}
