using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>The parked produces and fetches of one partition: intrusive lists, so that parking allocates nothing.</summary>
internal sealed class WaitingLists
{
    private WaitingProduce? _firstProduce;
    private WaitingProduce? _lastProduce;
    private WaitingFetch? _firstFetch;

    public bool IsEmpty => _firstProduce is null && _firstFetch is null;

    /// <summary>Adds a produce in the order of offsets; nearly always that is the end.</summary>
    public void Add(WaitingProduce wait)
    {
        WaitingProduce? previous = _lastProduce;
        while (previous is not null && previous.RequiredOffset > wait.RequiredOffset)
            previous = previous.PreviousWaiting;

        WaitingProduce? next = previous is null ? _firstProduce : previous.NextWaiting;
        wait.IsWaiting = true;
        wait.PreviousWaiting = previous;
        wait.NextWaiting = next;
        if (previous is null)
            _firstProduce = wait;
        else
            previous.NextWaiting = wait;
        if (next is null)
            _lastProduce = wait;
        else
            next.PreviousWaiting = wait;
    }

    public void Add(WaitingFetch wait)
    {
        wait.IsWaiting = true;
        wait.PreviousWaiting = null;
        wait.NextWaiting = _firstFetch;
        if (_firstFetch is not null)
            _firstFetch.PreviousWaiting = wait;
        _firstFetch = wait;
    }

    public bool Remove(WaitingFetch wait)
    {
        if (!wait.IsWaiting)
            return false;

        if (wait.PreviousWaiting is null)
            _firstFetch = wait.NextWaiting;
        else
            wait.PreviousWaiting.NextWaiting = wait.NextWaiting;
        if (wait.NextWaiting is not null)
            wait.NextWaiting.PreviousWaiting = wait.PreviousWaiting;
        wait.PreviousWaiting = null;
        wait.NextWaiting = null;
        wait.IsWaiting = false;
        return true;
    }

    public bool Remove(WaitingProduce wait)
    {
        if (!wait.IsWaiting)
            return false;

        if (wait.PreviousWaiting is null)
            _firstProduce = wait.NextWaiting;
        else
            wait.PreviousWaiting.NextWaiting = wait.NextWaiting;
        if (wait.NextWaiting is null)
            _lastProduce = wait.PreviousWaiting;
        else
            wait.NextWaiting.PreviousWaiting = wait.PreviousWaiting;
        wait.PreviousWaiting = null;
        wait.NextWaiting = null;
        wait.IsWaiting = false;
        return true;
    }

    /// <summary>Unlinks the produces whose offset is reached: the list is in the order of offsets.</summary>
    public WaitingProduce? TakeProduces(long highWatermark, ErrorCode result)
    {
        WaitingProduce? first = null;
        WaitingProduce? last = null;
        while (_firstProduce is { } wait && wait.RequiredOffset <= highWatermark)
        {
            Remove(wait);
            wait.Result = result;
            wait.NextReady = null;
            if (last is null)
                first = wait;
            else
                last.NextReady = wait;
            last = wait;
        }

        return first;
    }

    /// <summary>Unlinks the fetches that miss no more bytes, or know an old high watermark only.</summary>
    public WaitingFetch? TakeFetches(in ReadableByteCounts readable, long highWatermark)
    {
        WaitingFetch? ready = null;
        WaitingFetch? next;
        for (WaitingFetch? wait = _firstFetch; wait is not null; wait = next)
        {
            next = wait.NextWaiting;
            if (readable.Of(wait.Limit) - wait.SeenBytes < wait.MissingBytes && wait.KnownHighWatermark >= highWatermark)
                continue;

            Remove(wait);
            wait.NextReady = ready;
            ready = wait;
        }

        return ready;
    }

    public WaitingFetch? TakeAllFetches()
    {
        WaitingFetch? ready = null;
        while (_firstFetch is { } wait)
        {
            Remove(wait);
            wait.NextReady = ready;
            ready = wait;
        }

        return ready;
    }
}
