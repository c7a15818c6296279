namespace KafkaCompatBroker.Network;

/// <summary>
/// The place of one request in its connection's order of answers. Completed once, from any thread; the answer leaves when
/// all earlier slots have completed.
/// </summary>
public sealed class ResponseSlot
{
    private readonly ResponseQueue _queue;
    private ReceiveBuffer? _frameBuffer;

    internal ResponseSlot(ResponseQueue queue, ReceiveBuffer? frameBuffer, int frameBytes)
    {
        _queue = queue;
        _frameBuffer = frameBuffer;
        FrameBytes = frameBytes;
    }

    internal int FrameBytes { get; }

    internal ResponseSlot? Next { get; set; }

    internal bool IsCompleted { get; set; }

    internal ResponseFrame? Frame { get; set; }

    internal ConnectionEnd? CloseAfter { get; set; }

    /// <summary>Answers the request; null means that this request has no answer (acks=0).</summary>
    /// <exception cref="InvalidOperationException">The slot was completed before.</exception>
    public void Complete(ResponseFrame? frame)
    {
        ReleaseFrame();
        _queue.Complete(this, frame, null);
    }

    /// <summary>Answers (or not), then closes the connection once this and all earlier answers are sent.</summary>
    public void CompleteAndClose(ResponseFrame? frame, CloseReason reason, string? detail = null)
    {
        ReleaseFrame();
        _queue.Complete(this, frame, new ConnectionEnd(reason, detail));
    }

    /// <summary>
    /// Gives the request's memory back before the slot completes: for a request that is parked and no longer looks at its
    /// frame. The memory must not be touched afterwards.
    /// </summary>
    public void ReleaseFrame() => Interlocked.Exchange(ref _frameBuffer, null)?.Release();
}
