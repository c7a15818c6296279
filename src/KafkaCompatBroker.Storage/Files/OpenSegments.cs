namespace KafkaCompatBroker.Storage.Files;

/// <summary>
/// The segments of a process that hold a mapping and a descriptor. Both are limited (vm.max_map_count, the open-file limit), so beyond a number the one that
/// was not used for longest lets go of them; they come back on its next use. Locks are taken in the order segment, then this list; nobody waits for a
/// second segment. Any thread.
/// </summary>
internal sealed class OpenSegments(int most)
{
    private const int MostMin = 16;
    private const string MapLimitFile = "/proc/sys/vm/max_map_count";
    private const int MapLimitDefault = 65_530;

    private readonly Lock _gate = new();
    private readonly LinkedList<MappedSegmentFile> _open = new();
    private int _most = most;

    /// <summary>How many there are now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Half of what the process may have: the runtime, sockets and small files need some too.</summary>
    public static OpenSegments OfProcess()
    {
        long maps = long.TryParse(File.Exists(MapLimitFile) ? File.ReadAllText(MapLimitFile) : "", out long limit) ? limit : MapLimitDefault;
        return new OpenSegments((int)Math.Clamp(Math.Min(maps, NativeFile.OpenFilesMax()) / 2, MostMin, int.MaxValue / 2));
    }

    /// <summary>Takes note of a segment that has just opened its file, and makes others rest when they are too many. Called under the segment's gate.</summary>
    public LinkedListNode<MappedSegmentFile> Opened(MappedSegmentFile segment)
    {
        LinkedListNode<MappedSegmentFile> node;
        lock (_gate)
        {
            node = _open.AddLast(segment);
        }

        RestDownTo(Volatile.Read(ref _most), segment);
        return node;
    }

    /// <summary>The segment closed its file. Called under the segment's gate.</summary>
    public void Closed(LinkedListNode<MappedSegmentFile> node)
    {
        lock (_gate)
        {
            _open.Remove(node);
        }
    }

    /// <summary>The system refused a mapping or a descriptor: what we share the limits with needs more than was left for it.</summary>
    public void Shrink(MappedSegmentFile keep)
    {
        int fewer = Math.Max(MostMin, Count / 2);
        Volatile.Write(ref _most, Math.Min(Volatile.Read(ref _most), fewer));
        RestDownTo(fewer, keep);
    }

    private void RestDownTo(int most, MappedSegmentFile keep)
    {
        // Every segment is looked at twice at most: the first look takes away that it was used.
        for (int looks = 2 * Count; looks > 0 && TakeOldest(most) is { } oldest; looks--)
        {
            if (oldest != keep && !oldest.TakeUsed())
            {
                _ = oldest.TryRest();
            }
        }
    }

    // Moves the oldest to the end; it goes for good when it closes its file.
    private MappedSegmentFile? TakeOldest(int most)
    {
        lock (_gate)
        {
            if (_open.Count <= most || _open.First is not { } oldest)
            {
                return null;
            }

            _open.Remove(oldest);
            _open.AddLast(oldest);
            return oldest.Value;
        }
    }
}
