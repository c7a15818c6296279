namespace KafkaCompatBroker.Storage.Segments;

/// <summary>Makes both indexes of a segment from its batches, with the entries that appending them would have made.</summary>
internal sealed class IndexBuilder(long baseOffset, int intervalBytes)
{
    private readonly SegmentIndexes _indexes = new(baseOffset);
    private TimeEntry _largest = new(-1, -1);
    private int _lastIndexed;

    public void Note(int position, long lastOffset, long maxTimestampMs)
    {
        if (maxTimestampMs > _largest.TimestampMs)
        {
            _largest = new TimeEntry(maxTimestampMs, lastOffset);
        }

        if (position - _lastIndexed > intervalBytes)
        {
            _indexes.Offsets.Append(lastOffset, position);
            _indexes.Time.Append(_largest.TimestampMs, _largest.Offset);
            _lastIndexed = position;
        }
    }

    public SegmentIndexes Finish()
    {
        _indexes.Time.Append(_largest.TimestampMs, _largest.Offset);
        return _indexes;
    }
}
