using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>The parked produces and fetches of one partition: in chains, so that parking allocates nothing.</summary>
internal sealed class WaitingLists
{
    private readonly Chain<WaitingProduce> _produces = new();
    private readonly Chain<WaitingFetch> _fetches = new();

    public bool IsEmpty => _produces.First is null && _fetches.First is null;

    /// <summary>Adds a produce in the order of offsets; nearly always that is the end.</summary>
    public void Add(WaitingProduce wait)
    {
        WaitingProduce? previous = _produces.Last;
        while (previous is not null && previous.RequiredOffset > wait.RequiredOffset)
            previous = previous.Previous;

        _produces.Insert(wait, previous);
    }

    public void Add(WaitingFetch wait) => _fetches.Insert(wait, previous: null);

    public bool Remove(WaitingFetch wait) => _fetches.Remove(wait);

    public bool Remove(WaitingProduce wait) => _produces.Remove(wait);

    /// <summary>Unlinks the produces whose offset is reached: the list is in the order of offsets.</summary>
    public WaitingProduce? TakeProduces(long highWatermark, ErrorCode result)
    {
        WaitingProduce? first = null;
        WaitingProduce? last = null;
        while (_produces.First is { } wait && wait.RequiredOffset <= highWatermark)
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
        for (WaitingFetch? wait = _fetches.First; wait is not null; wait = next)
        {
            next = wait.Next;
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
        while (_fetches.First is { } wait)
        {
            Remove(wait);
            wait.NextReady = ready;
            ready = wait;
        }

        return ready;
    }
}
