namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>
/// Expands Snappy blocks into a buffer of the caller. Own code rather than IronSnappy's because that allocates the length
/// that a block claims, which may be 4 GiB, before it looks at the rest.
/// </summary>
internal static class SnappyBlock
{
    // The densest element is a copy of 64 bytes in 3; a block that claims to expand further lies about its length.
    private const int ExpansionMax = 22;

    /// <summary>The expanded length that a block claims and how many bytes say so.</summary>
    internal static int ReadLength(ReadOnlySpan<byte> block, out int prefixSize)
    {
        ulong length = 0;
        for (int index = 0; index < Math.Min(block.Length, 5); index++)
        {
            length |= (ulong)(block[index] & 0x7F) << (7 * index);
            if (block[index] >= 0x80)
                continue;
            prefixSize = index + 1;
            if (length > (ulong)block.Length * ExpansionMax || length > (ulong)Array.MaxLength)
                break;
            return (int)length;
        }

        throw new RecordFormatException("A Snappy block has an impossible length.");
    }

    /// <summary>Expands all elements after the length; they must fill <paramref name="destination"/> exactly.</summary>
    internal static void Expand(ReadOnlySpan<byte> elements, Span<byte> destination)
    {
        int written = 0;
        while (!elements.IsEmpty)
        {
            int length, offset = 0, tagSize;
            byte tag = elements[0];
            switch (tag & 3)
            {
                case 0:
                    tagSize = ReadLiteralLength(elements, out length);
                    break;
                case 1:
                    tagSize = 2;
                    length = 4 + ((tag >> 2) & 7);
                    offset = ((tag >> 5) << 8) | ByteAt(elements, 1);
                    break;
                case 2:
                    tagSize = 3;
                    length = 1 + (tag >> 2);
                    offset = ByteAt(elements, 1) | (ByteAt(elements, 2) << 8);
                    break;
                default:
                    tagSize = 5;
                    length = 1 + (tag >> 2);
                    offset = ByteAt(elements, 1) | (ByteAt(elements, 2) << 8) | (ByteAt(elements, 3) << 16)
                        | (ByteAt(elements, 4) << 24);
                    break;
            }

            elements = elements[tagSize..];
            if (length > destination.Length - written)
                throw Malformed();
            if ((tag & 3) != 0)
            {
                CopyBack(destination, written, offset, length);
            }
            else
            {
                if (length > elements.Length)
                    throw Malformed();
                elements[..length].CopyTo(destination[written..]);
                elements = elements[length..];
            }

            written += length;
        }

        if (written != destination.Length)
            throw Malformed();
    }

    private static int ReadLiteralLength(ReadOnlySpan<byte> elements, out int length)
    {
        int code = elements[0] >> 2;
        int extra = Math.Max(code - 59, 0);
        uint value = extra == 0 ? (uint)code : 0;
        for (int index = 0; index < extra; index++)
            value |= (uint)ByteAt(elements, 1 + index) << (8 * index);
        if (value >= int.MaxValue)
            throw Malformed();
        length = (int)value + 1;
        return 1 + extra;
    }

    private static void CopyBack(Span<byte> destination, int written, int offset, int length)
    {
        if (offset <= 0 || offset > written)
            throw Malformed();
        // A copy may reach into what it writes itself: then it repeats, and every step doubles what can be copied at once.
        int from = written - offset;
        while (length > 0)
        {
            int count = Math.Min(written - from, length);
            destination.Slice(from, count).CopyTo(destination[written..]);
            written += count;
            length -= count;
        }
    }

    private static int ByteAt(ReadOnlySpan<byte> elements, int index) =>
        index < elements.Length ? elements[index] : throw Malformed();

    private static RecordFormatException Malformed() => new("A Snappy block is malformed.");
}
