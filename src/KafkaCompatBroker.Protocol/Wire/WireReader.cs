using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Protocol.Wire;

/// <summary>
/// Reads the primitives of the protocol from one frame. Total: any bytes give a value or <see cref="WireFormatException"/>. Every length
/// and count is checked against what is left before it is used, and the objects it makes are charged to a budget that is a small multiple
/// of the frame, because one or two bytes on the wire can become a whole object.
/// </summary>
public ref struct WireReader
{
    private const int ArrayObjectBytes = 24;

    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _span;
    private int _position;
    private long _objectBytesLeft;

    public WireReader(ReadOnlyMemory<byte> memory)
    {
        _memory = memory;
        _span = memory.Span;
        _objectBytesLeft = Limits.ObjectBytesFloor + ((long)memory.Length * Limits.ObjectBytesPerFrameByte);
    }

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _span.Length - _position;

    public bool ReadBoolean() => ReadByte() != 0;

    public sbyte ReadInt8() => (sbyte)ReadByte();

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(sizeof(short)));

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    public double ReadFloat64() => BinaryPrimitives.ReadDoubleBigEndian(Take(sizeof(double)));

    public Uuid ReadUuid()
    {
        ReadOnlySpan<byte> bytes = Take(Uuid.SizeBytes);
        return new Uuid(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[sizeof(ulong)..]));
    }

    /// <summary>Reads an unsigned varint of at most five bytes.</summary>
    public uint ReadUnsignedVarint()
    {
        uint value = ReadByte();
        if (value < 0x80)
        {
            return value;
        }

        value &= 0x7F;
        for (int shift = 7; shift <= 28; shift += 7)
        {
            uint part = ReadByte();
            if (shift == 28 && part > 0x0F)
            {
                break;
            }

            value |= (part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Malformed("varint does not fit 32 bits");
    }

    /// <summary>Reads a zigzag varint of at most five bytes.</summary>
    public int ReadVarint()
    {
        uint value = ReadUnsignedVarint();
        return (int)(value >> 1) ^ -(int)(value & 1);
    }

    /// <summary>Reads a zigzag varint of at most ten bytes.</summary>
    public long ReadVarlong()
    {
        ulong value = 0;
        for (int shift = 0; shift <= 63; shift += 7)
        {
            ulong part = ReadByte();
            if (shift == 63 && part > 0x01)
            {
                break;
            }

            value |= (part & 0x7F) << shift;
            if (part < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw Malformed("varint does not fit 64 bits");
    }

    /// <summary>Reads a string; any negative length is null, as Kafka has it.</summary>
    public string? ReadString(bool flexible)
    {
        int length = flexible ? ReadCompactLength() : ReadInt16();
        if (length <= 0)
        {
            return length < 0 ? null : "";
        }

        if (length > Limits.StringBytesMax)
        {
            throw Malformed($"string of {length} bytes");
        }

        ReadOnlySpan<byte> bytes = Take(length);
        Charge(ArrayObjectBytes + (2 * length));
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw Malformed("string is not UTF-8");
    }

    /// <summary>Reads bytes or records as a slice of the frame; any negative length is null.</summary>
    public ReadOnlyMemory<byte>? ReadBytes(bool flexible)
    {
        int length = flexible ? ReadCompactLength() : ReadInt32();
        if (length < 0)
        {
            return null;
        }

        int start = _position;
        Take(length);
        return _memory.Slice(start, length);
    }

    /// <summary>
    /// Reads the count of an array, -1 for null. It is refused when so many elements of <paramref name="elementBytesMin"/> cannot follow;
    /// the elements and the array itself are charged to the budget.
    /// </summary>
    public int ReadArrayCount(bool flexible, int elementBytesMin, int elementObjectBytes)
    {
        int count = flexible ? ReadCompactLength() : ReadInt32();
        if (count <= 0)
        {
            return count < 0 ? -1 : 0;
        }

        CheckCount(count, elementBytesMin);
        Charge(ArrayObjectBytes + ((long)count * (elementObjectBytes + IntPtr.Size)));
        return count;
    }

    public sbyte[]? ReadInt8Array(bool flexible)
    {
        int count = ReadFixedCount(flexible, sizeof(sbyte));
        return count <= 0 ? Empty<sbyte>(count) : MemoryMarshal.Cast<byte, sbyte>(Take(count)).ToArray();
    }

    public short[]? ReadInt16Array(bool flexible)
    {
        int count = ReadFixedCount(flexible, sizeof(short));
        if (count <= 0)
        {
            return Empty<short>(count);
        }

        short[] items = new short[count];
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, short>(Take(count * sizeof(short))), items);
        return items;
    }

    public int[]? ReadInt32Array(bool flexible)
    {
        int count = ReadFixedCount(flexible, sizeof(int));
        if (count <= 0)
        {
            return Empty<int>(count);
        }

        int[] items = new int[count];
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, int>(Take(count * sizeof(int))), items);
        return items;
    }

    public long[]? ReadInt64Array(bool flexible)
    {
        int count = ReadFixedCount(flexible, sizeof(long));
        if (count <= 0)
        {
            return Empty<long>(count);
        }

        long[] items = new long[count];
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, long>(Take(count * sizeof(long))), items);
        return items;
    }

    public Uuid[]? ReadUuidArray(bool flexible)
    {
        int count = ReadFixedCount(flexible, Uuid.SizeBytes);
        if (count <= 0)
        {
            return Empty<Uuid>(count);
        }

        var items = new Uuid[count];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = ReadUuid();
        }

        return items;
    }

    public string[]? ReadStringArray(bool flexible)
    {
        int count = ReadArrayCount(flexible, flexible ? 1 : sizeof(short), 0);
        if (count <= 0)
        {
            return Empty<string>(count);
        }

        string[] items = new string[count];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = ReadString(flexible) ?? throw Malformed("null in an array of strings");
        }

        return items;
    }

    /// <summary>Reads whether a nullable struct follows and charges its object.</summary>
    public bool ReadPresence(int objectBytes) => ReadInt8() >= 0 && ChargePresent(objectBytes);

    /// <summary>The same inside a tagged field, where null is 0 instead of -1.</summary>
    public bool ReadTaggedPresence(int objectBytes) => ReadInt8() > 0 && ChargePresent(objectBytes);

    /// <summary>Reads how many tagged fields follow.</summary>
    public int ReadTagCount()
    {
        uint count = ReadUnsignedVarint();
        if (count > Limits.TaggedFieldsMax)
        {
            throw Malformed($"{count} tagged fields");
        }

        CheckCount((int)count, 2);
        return (int)count;
    }

    /// <summary>Reads tag and size of a tagged field; tags must ascend. <paramref name="end"/> is where its value ends.</summary>
    public int ReadTag(ref int previousTag, out int end)
    {
        uint tag = ReadUnsignedVarint();
        if (tag > int.MaxValue || (int)tag <= previousTag)
        {
            throw Malformed("tags do not ascend");
        }

        previousTag = (int)tag;
        uint size = ReadUnsignedVarint();
        if (size > (uint)Remaining)
        {
            throw Malformed("tagged field is longer than the frame");
        }

        end = _position + (int)size;
        return previousTag;
    }

    /// <summary>Ends a tagged field: exactly its size must have been read.</summary>
    public readonly void EndTag(int end)
    {
        if (_position != end)
        {
            throw Malformed("tagged field has another size than it says");
        }
    }

    /// <summary>Steps over what is left of a tagged field.</summary>
    public void SkipTo(int end) => _position = end;

    /// <summary>Steps over all tagged fields of a struct that knows none.</summary>
    public void SkipTaggedFields()
    {
        int previousTag = -1;
        for (int tags = ReadTagCount(); tags > 0; tags--)
        {
            ReadTag(ref previousTag, out int end);
            SkipTo(end);
        }
    }

    /// <summary>Takes bytes of objects about to be created from the budget of the frame.</summary>
    public void Charge(long objectBytes)
    {
        _objectBytesLeft -= objectBytes;
        if (_objectBytesLeft < 0)
        {
            throw Malformed("frame would take too much memory");
        }
    }

    private static T[]? Empty<T>(int count) => count < 0 ? null : [];

    private bool ChargePresent(int objectBytes)
    {
        Charge(objectBytes);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte ReadByte()
    {
        int position = _position;
        ReadOnlySpan<byte> span = _span;
        if ((uint)position >= (uint)span.Length)
        {
            throw Short(1);
        }

        _position = position + 1;
        return span[position];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int length)
    {
        int position = _position;
        if ((uint)length > (uint)(_span.Length - position))
        {
            throw Short(length);
        }

        _position = position + length;
        return _span.Slice(position, length);
    }

    // Wraps on purpose: 0 is the null of compact encodings, and Kafka reads lengths above 2^31 as null too.
    private int ReadCompactLength() => unchecked((int)ReadUnsignedVarint() - 1);

    private int ReadFixedCount(bool flexible, int elementBytes)
    {
        int count = flexible ? ReadCompactLength() : ReadInt32();
        if (count <= 0)
        {
            return count < 0 ? -1 : 0;
        }

        CheckCount(count, elementBytes);
        Charge(ArrayObjectBytes + ((long)count * elementBytes));
        return count;
    }

    private readonly void CheckCount(int count, int elementBytesMin)
    {
        if ((long)count * elementBytesMin > Remaining)
        {
            throw Malformed($"{count} elements do not fit the {Remaining} bytes left");
        }
    }

    private readonly WireFormatException Short(int wanted) => Malformed($"{wanted} bytes wanted, {Remaining} left");

    private readonly WireFormatException Malformed(string problem) => new($"{problem} (at byte {_position} of {_span.Length})");
}
