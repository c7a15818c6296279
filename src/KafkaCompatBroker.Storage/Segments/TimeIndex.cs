using System.Buffers.Binary;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>A timestamp in Unix milliseconds and an offset.</summary>
internal readonly record struct TimeEntry(long TimestampMs, long Offset);

/// <summary>
/// Largest timestamps so far to offsets of one segment. Entries rise in both. Same publishing rules as <see cref="OffsetIndex"/>.
/// </summary>
internal sealed class TimeIndex(long baseOffset)
{
    public const int EntryBytes = 12;

    private TimeEntry[] _entries = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public TimeEntry? Last => _count == 0 ? null : _entries[_count - 1];

    /// <summary>The last entry whose timestamp is at or below the target; null when there is none.</summary>
    public TimeEntry? Lookup(long timestampMs)
    {
        TimeEntry[] entries = Volatile.Read(ref _entries);
        int low = 0;
        int high = Math.Min(Volatile.Read(ref _count), entries.Length);
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (entries[middle].TimestampMs <= timestampMs)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? null : entries[low - 1];
    }

    /// <summary>Adds an entry if its timestamp is larger than all before.</summary>
    public void Append(long timestampMs, long offset)
    {
        int count = _count;
        if (timestampMs < 0 || (count > 0 && timestampMs <= _entries[count - 1].TimestampMs))
        {
            return;
        }

        if (count == _entries.Length)
        {
            var larger = new TimeEntry[Math.Max(16, count * 2)];
            _entries.AsSpan(0, count).CopyTo(larger);
            Volatile.Write(ref _entries, larger);
        }

        _entries[count] = new TimeEntry(timestampMs, offset);
        Volatile.Write(ref _count, count + 1);
    }

    /// <summary>Forgets entries of offsets at or above the given one.</summary>
    public void Truncate(long offset)
    {
        int count = _count;
        while (count > 0 && _entries[count - 1].Offset >= offset)
        {
            count--;
        }

        Volatile.Write(ref _entries, _entries[..count]);
        Volatile.Write(ref _count, count);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[_count * EntryBytes];
        for (int at = 0; at < _count; at++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(at * EntryBytes), _entries[at].TimestampMs);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan((at * EntryBytes) + 8), (int)(_entries[at].Offset - baseOffset));
        }

        return bytes;
    }

    /// <summary>Reads a file of the same format; null when it cannot belong to a segment that ends before <paramref name="nextOffset"/>.</summary>
    public static TimeIndex? TryParse(long baseOffset, ReadOnlySpan<byte> bytes, long nextOffset)
    {
        if (bytes.Length % EntryBytes != 0)
        {
            return null;
        }

        int count = bytes.Length / EntryBytes;
        var index = new TimeIndex(baseOffset) { _entries = new TimeEntry[count] };
        for (int at = 0; at < count; at++)
        {
            long timestampMs = BinaryPrimitives.ReadInt64BigEndian(bytes[(at * EntryBytes)..]);
            int relative = BinaryPrimitives.ReadInt32BigEndian(bytes[((at * EntryBytes) + 8)..]);
            var entry = new TimeEntry(timestampMs, baseOffset + relative);
            bool inOrder = relative >= 0
                && entry.Offset < nextOffset
                && (at == 0 || (entry.TimestampMs > index._entries[at - 1].TimestampMs && entry.Offset >= index._entries[at - 1].Offset));
            if (!inOrder)
            {
                return null;
            }

            index._entries[at] = entry;
        }

        index._count = count;
        return index;
    }
}
