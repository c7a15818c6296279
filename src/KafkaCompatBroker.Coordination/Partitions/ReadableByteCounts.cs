namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>
/// Running totals of bytes that became readable under each limit since this object exists. Only differences mean something. They
/// let a parked fetch know how much came, whatever moved the limit. Where the exact number is unknown they err upwards.
/// </summary>
internal struct ReadableByteCounts
{
    private Queue<(long EndOffset, int Bytes)>? _aboveHighWatermark;
    private long _logEnd;
    private long _highWatermark;
    private long _stable;
    private long _highWatermarkAtStable;

    public readonly long Of(ReadLimit limit) => limit switch
    {
        ReadLimit.HighWatermark => _highWatermark,
        ReadLimit.LastStableOffset => _stable,
        _ => _logEnd,
    };

    /// <summary>Adds a batch whose end the high watermark reaches at once: the only case without followers.</summary>
    public void AppendedAndCommitted(int bytes)
    {
        _logEnd += bytes;
        _highWatermark += bytes;
    }

    public void Appended(long endOffset, int bytes)
    {
        _logEnd += bytes;
        (_aboveHighWatermark ??= new()).Enqueue((endOffset, bytes));
    }

    public void HighWatermarkMoved(long highWatermark)
    {
        long before = _highWatermark;
        while (_aboveHighWatermark is { Count: > 0 } above && above.Peek().EndOffset <= highWatermark)
            _highWatermark += above.Dequeue().Bytes;
        if (_highWatermark == before)
            _highWatermark++;
    }

    /// <summary>Counts everything under the high watermark as stable, which is too much while a transaction is open.</summary>
    public void LastStableOffsetMoved()
    {
        _stable += Math.Max(1, _highWatermark - _highWatermarkAtStable);
        _highWatermarkAtStable = _highWatermark;
    }

    /// <summary>After a truncation nothing is known of what was counted, so every reader looks again.</summary>
    public void Truncated()
    {
        _aboveHighWatermark?.Clear();
        _logEnd++;
        _highWatermark++;
        _stable++;
    }
}
