using System.Numerics;
using System.Text;

namespace KafkaCompatBroker.Protocol.Wire;

/// <summary>Bytes that each primitive takes on the wire.</summary>
public static class WireSize
{
    public static int UnsignedVarint(int value) => UnsignedVarint((uint)value);

    public static int UnsignedVarint(uint value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>Size of a zigzag varint.</summary>
    public static int Varint(int value) => UnsignedVarint((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Size of a zigzag varint of 64 bits.</summary>
    public static int Varlong(long value) => (BitOperations.Log2((ulong)((value << 1) ^ (value >> 63)) | 1) / 7) + 1;

    public static int String(bool flexible, string? value)
    {
        int bytes = value is null ? 0 : Encoding.UTF8.GetByteCount(value);
        return bytes + (flexible ? UnsignedVarint(value is null ? 0 : bytes + 1) : sizeof(short));
    }

    public static int StringArray(bool flexible, string[]? items)
    {
        int size = ArrayCount(flexible, items?.Length ?? -1);
        foreach (string item in items ?? [])
        {
            size += String(flexible, item);
        }

        return size;
    }

    /// <summary>Size of bytes or records with their length; -1 is null.</summary>
    public static int Bytes(bool flexible, int length) => Math.Max(0, length) + (flexible ? UnsignedVarint(length + 1) : sizeof(int));

    /// <summary>Size of the count of an array; -1 is null.</summary>
    public static int ArrayCount(bool flexible, int count) => flexible ? UnsignedVarint(count + 1) : sizeof(int);

    /// <summary>Size of an array of elements of one size; -1 is null.</summary>
    public static int FixedArray(bool flexible, int count, int elementBytes) =>
        ArrayCount(flexible, count) + (Math.Max(0, count) * elementBytes);

    /// <summary>Size of a tagged field with its tag and size.</summary>
    public static int TaggedField(int tag, int size) => UnsignedVarint(tag) + UnsignedVarint(size) + size;
}
