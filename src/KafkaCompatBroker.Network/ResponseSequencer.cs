namespace KafkaCompatBroker.Network;

/// <summary>
/// Brings answers that complete in any order into the order of their requests. Guarded by its owner's lock.
/// </summary>
internal sealed class ResponseSequencer
{
    private ResponseSlot? _head;
    private ResponseSlot? _tail;

    /// <summary>Slots opened and not completed.</summary>
    public int OpenCount { get; private set; }

    /// <summary>Frame bytes of the slots that are opened and not completed.</summary>
    public long OpenBytes { get; private set; }

    public void Open(ResponseSlot slot)
    {
        if (_tail is null) _head = slot;
        else _tail.Next = slot;
        _tail = slot;
        OpenCount++;
        OpenBytes += slot.FrameBytes;
    }

    public void Complete(ResponseSlot slot, ResponseFrame? frame, ConnectionEnd? closeAfter)
    {
        if (slot.IsCompleted) throw new InvalidOperationException("The response slot was completed before.");
        slot.IsCompleted = true;
        slot.Frame = frame;
        slot.CloseAfter = closeAfter;
        OpenCount--;
        OpenBytes -= slot.FrameBytes;
    }

    /// <summary>The next slot whose turn has come, or null.</summary>
    public ResponseSlot? TakeReady()
    {
        ResponseSlot? slot = _head;
        if (slot is null || !slot.IsCompleted) return null;
        _head = slot.Next;
        if (_head is null) _tail = null;
        slot.Next = null;
        return slot;
    }

    /// <summary>Forgets every slot; returns the frames of those that were completed, to be released.</summary>
    public List<ResponseFrame> Abandon()
    {
        var frames = new List<ResponseFrame>();
        for (ResponseSlot? slot = _head; slot is not null; slot = slot.Next)
        {
            if (slot.Frame is { } frame) frames.Add(frame);
        }
        _head = _tail = null;
        return frames;
    }
}
