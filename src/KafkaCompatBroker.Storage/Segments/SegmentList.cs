namespace KafkaCompatBroker.Storage.Segments;

/// <summary>The segments of a log, oldest first, never empty. Changed under the log's lock by replacing the array, so that readers need no lock.</summary>
internal sealed class SegmentList
{
    private Segment[] _segments = [];

    public ReadOnlySpan<Segment> All => Volatile.Read(ref _segments);

    public Segment First => Volatile.Read(ref _segments)[0];

    /// <summary>The segment that is appended to.</summary>
    public Segment Active => Volatile.Read(ref _segments)[^1];

    public long SizeBytes
    {
        get
        {
            long size = 0;
            foreach (Segment segment in All)
            {
                size += segment.SizeBytes;
            }

            return size;
        }
    }

    /// <summary>Index in <paramref name="segments"/> of the last segment that begins at or below the offset; -1 when there is none.</summary>
    public static int Floor(ReadOnlySpan<Segment> segments, long offset)
    {
        int low = 0;
        int high = segments.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (segments[middle].BaseOffset <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    public void Add(Segment segment) => Publish([.. _segments, segment]);

    public void Replace(Segment[] segments) => Publish(segments);

    /// <summary>Puts one segment in the place of neighbouring ones.</summary>
    public void Exchange(Segment[] old, Segment replacement)
    {
        int from = Array.IndexOf(_segments, old[0]);
        Publish([.. _segments[..from], replacement, .. _segments[(from + old.Length)..]]);
    }

    /// <summary>Takes the oldest segments out.</summary>
    public Segment[] RemoveFirst(int count)
    {
        Segment[] removed = _segments[..count];
        Publish(_segments[count..]);
        return removed;
    }

    /// <summary>Takes the segments that begin after the offset out.</summary>
    public Segment[] RemoveAfter(long offset)
    {
        int keep = Floor(_segments, offset) + 1;
        Segment[] removed = _segments[keep..];
        Publish(_segments[..keep]);
        return removed;
    }

    private void Publish(Segment[] segments) => Volatile.Write(ref _segments, segments);
}
