using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Protocol.Wire;

/// <summary>
/// Collects one outgoing frame: small values in a pooled array that grows, big payloads by reference. Owned by one thread at a time.
/// <see cref="Segments"/> and what they show stay valid until <see cref="Reset"/> or <see cref="Dispose"/>.
/// </summary>
public sealed class WireBuffer : IDisposable
{
    private const int FirstBytes = 512;

    private readonly List<Insertion> _insertions = [];
    private byte[] _bytes = [];
    private int _used;
    private int _referenced;

    /// <summary>Bytes of the frame so far, referenced ones included.</summary>
    public int Length => checked(_used + _referenced);

    /// <summary>The frame in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Segments
    {
        get
        {
            var segments = new List<ReadOnlyMemory<byte>>((2 * _insertions.Count) + 1);
            int from = 0;
            foreach (Insertion insertion in _insertions)
            {
                AddOwned(segments, from, insertion.At);
                segments.Add(insertion.Memory);
                from = insertion.At;
            }

            AddOwned(segments, from, _used);
            return segments;
        }
    }

    /// <summary>The frame in one piece; false when payloads are referenced in between.</summary>
    public bool TryGetWhole(out ReadOnlyMemory<byte> frame)
    {
        frame = _bytes.AsMemory(0, _used);
        return _insertions.Count == 0;
    }

    public void WriteBoolean(bool value) => Reserve(1)[0] = value ? (byte)1 : (byte)0;

    public void WriteInt8(sbyte value) => Reserve(1)[0] = (byte)value;

    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Reserve(sizeof(short)), value);

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(sizeof(ushort)), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(sizeof(int)), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(sizeof(uint)), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(sizeof(long)), value);

    public void WriteFloat64(double value) => BinaryPrimitives.WriteDoubleBigEndian(Reserve(sizeof(double)), value);

    public void WriteUuid(Uuid value) => value.CopyTo(Reserve(Uuid.SizeBytes));

    public void WriteUnsignedVarint(uint value)
    {
        Span<byte> bytes = Reserve(WireSize.UnsignedVarint(value));
        for (int i = 0; i < bytes.Length - 1; i++, value >>= 7)
        {
            bytes[i] = (byte)(value | 0x80);
        }

        bytes[^1] = (byte)value;
    }

    /// <summary>Writes a zigzag varint.</summary>
    public void WriteVarint(int value) => WriteUnsignedVarint((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Writes a zigzag varint of 64 bits.</summary>
    public void WriteVarlong(long value)
    {
        Span<byte> bytes = Reserve(WireSize.Varlong(value));
        ulong rest = (ulong)((value << 1) ^ (value >> 63));
        for (int i = 0; i < bytes.Length - 1; i++, rest >>= 7)
        {
            bytes[i] = (byte)(rest | 0x80);
        }

        bytes[^1] = (byte)rest;
    }

    /// <summary>Writes a string or null.</summary>
    /// <exception cref="ArgumentException">The string is longer than the protocol carries.</exception>
    public void WriteString(bool flexible, string? value)
    {
        if (value is null)
        {
            WriteStringLength(flexible, -1);
            return;
        }

        int length = Encoding.UTF8.GetByteCount(value);
        if (length > Limits.StringBytesMax)
        {
            throw new ArgumentException($"a string of {length} bytes cannot be sent", nameof(value));
        }

        WriteStringLength(flexible, length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    /// <summary>Writes bytes or null, copying them.</summary>
    public void WriteBytes(bool flexible, ReadOnlyMemory<byte>? value)
    {
        WriteArrayCount(flexible, value?.Length ?? -1);
        WriteRaw(value.GetValueOrDefault().Span);
    }

    /// <summary>Writes records or null; from <see cref="Limits.ReferencedBytesMin"/> on they are referenced, not copied.</summary>
    public void WriteRecords(bool flexible, ReadOnlyMemory<byte>? value)
    {
        WriteArrayCount(flexible, value?.Length ?? -1);
        ReadOnlyMemory<byte> records = value.GetValueOrDefault();
        if (records.Length >= Limits.ReferencedBytesMin)
        {
            Reference(records);
        }
        else
        {
            WriteRaw(records.Span);
        }
    }

    /// <summary>Copies bytes as they are, without a length.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Adds bytes without copying them: they must stay unchanged until the frame is sent.</summary>
    public void Reference(ReadOnlyMemory<byte> memory)
    {
        _insertions.Add(new Insertion(_used, memory));
        _referenced = checked(_referenced + memory.Length);
    }

    /// <summary>Writes the count of an array, or the length of bytes; -1 is null.</summary>
    public void WriteArrayCount(bool flexible, int count)
    {
        if (flexible)
        {
            WriteUnsignedVarint((uint)(count + 1));
        }
        else
        {
            WriteInt32(count);
        }
    }

    public void WriteInt8Array(bool flexible, sbyte[]? items)
    {
        WriteArrayCount(flexible, items?.Length ?? -1);
        WriteRaw(MemoryMarshal.AsBytes<sbyte>(items));
    }

    public void WriteInt16Array(bool flexible, short[]? items)
    {
        WriteArrayCount(flexible, items?.Length ?? -1);
        Span<byte> target = Reserve((items?.Length ?? 0) * sizeof(short));
        BinaryPrimitives.ReverseEndianness(items, MemoryMarshal.Cast<byte, short>(target));
    }

    public void WriteInt32Array(bool flexible, int[]? items)
    {
        WriteArrayCount(flexible, items?.Length ?? -1);
        Span<byte> target = Reserve((items?.Length ?? 0) * sizeof(int));
        BinaryPrimitives.ReverseEndianness(items, MemoryMarshal.Cast<byte, int>(target));
    }

    public void WriteInt64Array(bool flexible, long[]? items)
    {
        WriteArrayCount(flexible, items?.Length ?? -1);
        Span<byte> target = Reserve((items?.Length ?? 0) * sizeof(long));
        BinaryPrimitives.ReverseEndianness(items, MemoryMarshal.Cast<byte, long>(target));
    }

    public void WriteUuidArray(bool flexible, Uuid[]? items)
    {
        WriteArrayCount(flexible, items?.Length ?? -1);
        foreach (Uuid item in items ?? [])
        {
            WriteUuid(item);
        }
    }

    public void WriteStringArray(bool flexible, string[]? items)
    {
        WriteArrayCount(flexible, items?.Length ?? -1);
        foreach (string item in items ?? [])
        {
            WriteString(flexible, item);
        }
    }

    /// <summary>Writes whether a nullable struct follows.</summary>
    public void WritePresence(bool present) => WriteInt8(present ? (sbyte)1 : (sbyte)-1);

    /// <summary>The same inside a tagged field, where null is 0 instead of -1.</summary>
    public void WriteTaggedPresence(bool present) => WriteInt8(present ? (sbyte)1 : (sbyte)0);

    /// <summary>Writes tag and size of a tagged field; its value of exactly that size follows.</summary>
    public void WriteTag(int tag, int size)
    {
        WriteUnsignedVarint((uint)tag);
        WriteUnsignedVarint((uint)size);
    }

    /// <summary>Overwrites four bytes written earlier.</summary>
    /// <param name="position">What <see cref="Length"/> was before they were written.</param>
    /// <param name="value">The value that replaces them.</param>
    public void PatchInt32(int position, int value)
    {
        foreach (Insertion insertion in _insertions)
        {
            if (insertion.At > position)
            {
                break;
            }

            position -= insertion.Memory.Length;
        }

        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(position, sizeof(int)), value);
    }

    /// <summary>The frame as one new array.</summary>
    public byte[] ToArray()
    {
        byte[] frame = new byte[Length];
        int position = 0;
        foreach (ReadOnlyMemory<byte> segment in Segments)
        {
            segment.Span.CopyTo(frame.AsSpan(position));
            position += segment.Length;
        }

        return frame;
    }

    /// <summary>Empties the buffer for the next frame and gives its array back.</summary>
    public void Reset()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        _insertions.Clear();
        _used = 0;
        _referenced = 0;
    }

    public void Dispose() => Reset();

    private void AddOwned(List<ReadOnlyMemory<byte>> segments, int from, int to)
    {
        if (to > from)
        {
            segments.Add(_bytes.AsMemory(from, to - from));
        }
    }

    private void WriteStringLength(bool flexible, int length)
    {
        if (flexible)
        {
            WriteUnsignedVarint((uint)(length + 1));
        }
        else
        {
            WriteInt16((short)length);
        }
    }

    private Span<byte> Reserve(int length)
    {
        int start = _used;
        if (length > _bytes.Length - start)
        {
            Grow(length);
        }

        _used = start + length;
        return _bytes.AsSpan(start, length);
    }

    private void Grow(int length)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_used + length), Math.Max(FirstBytes, _bytes.Length * 2)));
        _bytes.AsSpan(0, _used).CopyTo(bytes);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = bytes;
    }

    private readonly record struct Insertion(int At, ReadOnlyMemory<byte> Memory);
}
