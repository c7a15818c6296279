using System.Buffers.Binary;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>
/// An aborted transaction: consumers of committed data skip the producer's records from <see cref="FirstOffset"/> to the marker at
/// <see cref="LastOffset"/>. <see cref="LastStableOffset"/> is what it was right after the abort.
/// </summary>
public readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long LastOffset, long LastStableOffset);

/// <summary>The aborted transactions whose markers are in one segment, in order of the markers. One writer, any readers.</summary>
internal sealed class TransactionIndex
{
    public const int EntryBytes = 34;
    private const short Version = 0;

    private AbortedTransaction[] _entries = [];

    public ReadOnlySpan<AbortedTransaction> Entries => Volatile.Read(ref _entries);

    public int Count => Volatile.Read(ref _entries).Length;

    public void Append(in AbortedTransaction transaction) => Volatile.Write(ref _entries, [.. _entries, transaction]);

    /// <summary>Adds the transactions that a reader of [from, to) needs; true when later segments cannot hold more of them.</summary>
    public bool Collect(long from, long to, List<AbortedTransaction> into)
    {
        foreach (AbortedTransaction transaction in Volatile.Read(ref _entries))
        {
            if (transaction.LastOffset >= from && transaction.FirstOffset < to)
            {
                into.Add(transaction);
            }

            if (transaction.LastStableOffset >= to)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Forgets transactions whose marker is at or above the offset. False when nothing changed.</summary>
    public bool Truncate(long offset)
    {
        AbortedTransaction[] entries = _entries;
        int keep = entries.Length;
        while (keep > 0 && entries[keep - 1].LastOffset >= offset)
        {
            keep--;
        }

        Volatile.Write(ref _entries, entries[..keep]);
        return keep != entries.Length;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[_entries.Length * EntryBytes];
        for (int at = 0; at < _entries.Length; at++)
        {
            WriteEntry(bytes.AsSpan(at * EntryBytes), _entries[at]);
        }

        return bytes;
    }

    /// <summary>Reads a file of the same format; null when it is torn or cannot belong to a segment with these offsets.</summary>
    public static TransactionIndex? TryParse(long baseOffset, long nextOffset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % EntryBytes != 0)
        {
            return null;
        }

        var index = new TransactionIndex { _entries = new AbortedTransaction[bytes.Length / EntryBytes] };
        long before = baseOffset - 1;
        for (int at = 0; at < index._entries.Length; at++)
        {
            ReadOnlySpan<byte> entry = bytes.Slice(at * EntryBytes, EntryBytes);
            var transaction = new AbortedTransaction(
                BinaryPrimitives.ReadInt64BigEndian(entry[2..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[10..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[18..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[26..]));
            bool valid = BinaryPrimitives.ReadInt16BigEndian(entry) == Version
                && transaction.LastOffset > before
                && transaction.LastOffset < nextOffset
                && transaction.FirstOffset <= transaction.LastOffset;
            if (!valid)
            {
                return null;
            }

            index._entries[at] = transaction;
            before = transaction.LastOffset;
        }

        return index;
    }

    private static void WriteEntry(Span<byte> entry, in AbortedTransaction transaction)
    {
        BinaryPrimitives.WriteInt16BigEndian(entry, Version);
        BinaryPrimitives.WriteInt64BigEndian(entry[2..], transaction.ProducerId);
        BinaryPrimitives.WriteInt64BigEndian(entry[10..], transaction.FirstOffset);
        BinaryPrimitives.WriteInt64BigEndian(entry[18..], transaction.LastOffset);
        BinaryPrimitives.WriteInt64BigEndian(entry[26..], transaction.LastStableOffset);
    }
}
