using System.Buffers.Binary;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>The batch at <see cref="Position"/> ends at <see cref="LastOffset"/>; -1 for the start of the segment, which no entry vouches for.</summary>
internal readonly record struct IndexEntry(long LastOffset, int Position)
{
    public static IndexEntry Start { get; } = new(-1, 0);
}

/// <summary>
/// Offsets to positions of one segment, an entry about every index.interval.bytes, as a sorted array in memory. One writer, any readers: readers take
/// the array before the count, and a truncation publishes a shorter array before the smaller count.
/// </summary>
internal sealed class OffsetIndex(long baseOffset)
{
    public const int EntryBytes = 8;

    // Relative offset in the upper half, position in the lower.
    private ulong[] _entries = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public IndexEntry Last => _count == 0 ? IndexEntry.Start : EntryOf(_entries[_count - 1]);

    /// <summary>The last entry at or below the offset.</summary>
    public IndexEntry Lookup(long offset)
    {
        ulong[] entries = Volatile.Read(ref _entries);
        int count = Math.Min(Volatile.Read(ref _count), entries.Length);
        long relative = offset - baseOffset;
        if (relative < 0)
        {
            return IndexEntry.Start;
        }

        ulong key = ((ulong)Math.Min(relative, uint.MaxValue) << 32) | uint.MaxValue;
        int slot = LastAtOrBelow(entries.AsSpan(0, count), key);
        return slot < 0 ? IndexEntry.Start : EntryOf(entries[slot]);
    }

    /// <summary>The last entry whose position is at or below the given one.</summary>
    public IndexEntry AtOrBelowPosition(int position)
    {
        ulong[] entries = Volatile.Read(ref _entries);
        int low = 0;
        int high = Math.Min(Volatile.Read(ref _count), entries.Length);
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if ((int)entries[middle] <= position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? IndexEntry.Start : EntryOf(entries[low - 1]);
    }

    public void Append(long offset, int position)
    {
        int count = _count;
        if (count == _entries.Length)
        {
            var larger = new ulong[Math.Max(16, count * 2)];
            _entries.AsSpan(0, count).CopyTo(larger);
            Volatile.Write(ref _entries, larger);
        }

        _entries[count] = ((ulong)(offset - baseOffset) << 32) | (uint)position;
        Volatile.Write(ref _count, count + 1);
    }

    /// <summary>Forgets entries of batches that end at or after the offset, and of positions at or after <paramref name="endPosition"/>.</summary>
    public void Truncate(long offset, int endPosition)
    {
        int count = _count;
        while (count > 0 && (baseOffset + (long)(_entries[count - 1] >> 32) >= offset || (int)_entries[count - 1] >= endPosition))
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
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(at * EntryBytes), _entries[at]);
        }

        return bytes;
    }

    /// <summary>Reads a file of the same format; null when it cannot belong to a segment of <paramref name="segmentBytes"/>.</summary>
    public static OffsetIndex? TryParse(long baseOffset, ReadOnlySpan<byte> bytes, int segmentBytes)
    {
        if (bytes.Length % EntryBytes != 0)
        {
            return null;
        }

        var index = new OffsetIndex(baseOffset) { _entries = new ulong[bytes.Length / EntryBytes] };
        ulong before = 0;
        int positionBefore = -1;
        for (int at = 0; at < index._entries.Length; at++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64BigEndian(bytes[(at * EntryBytes)..]);
            int position = (int)entry;
            bool inOrder = (at == 0 || entry >> 32 > before >> 32) && position > positionBefore && position < segmentBytes && (entry >> 32) <= int.MaxValue;
            if (!inOrder)
            {
                return null;
            }

            index._entries[at] = entry;
            before = entry;
            positionBefore = position;
        }

        index._count = index._entries.Length;
        return index;
    }

    private IndexEntry EntryOf(ulong entry) => new(baseOffset + (long)(entry >> 32), (int)entry);

    private static int LastAtOrBelow(ReadOnlySpan<ulong> entries, ulong key)
    {
        int low = 0;
        int high = entries.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (entries[middle] <= key)
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
}
