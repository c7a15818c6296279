using System.Runtime.CompilerServices;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Where the parts of one record of magic 2 are, relative to the start of its body.</summary>
internal struct RecordShape
{
    internal byte Attributes;
    internal long TimestampDelta;
    internal int OffsetDelta;

    /// <summary>As on the wire: negative for null.</summary>
    internal int KeyLength;
    internal int ValueLength;

    /// <summary>Where the length of the key is: all that a copy of the record keeps begins there.</summary>
    internal int TailStart;
    internal int KeyStart;
    internal int ValueStart;
    internal int HeaderCount;
    internal int HeadersStart;

    /// <summary>Reads over one body of <paramref name="size"/> bytes and checks that its parts fill it exactly.</summary>
    /// <exception cref="RecordFormatException">They do not, or a length is impossible.</exception>
    internal static void Read(ref RecordStream stream, int size, out RecordShape shape)
    {
        var available = stream.Available;
        if (available.Length >= size && TryReadWhole(available[..size], out shape))
            stream.Skip(size);
        else
            ReadStepwise(ref stream, size, out shape);
    }

    /// <summary>
    /// The usual case, fast: all bytes are there and right. When not, stepwise reading says what is wrong.
    /// </summary>
    private static bool TryReadWhole(ReadOnlySpan<byte> body, out RecordShape shape)
    {
        shape = default;
        shape.Attributes = body[0];
        int at = 1;
        if (!TryReadVarint(body, ref at, ZigZagVarint.LongestInt64, out shape.TimestampDelta)
            || !TryReadVarint(body, ref at, ZigZagVarint.LongestInt32, out long offsetDelta))
            return false;
        shape.OffsetDelta = (int)offsetDelta;
        shape.TailStart = at;
        if (!TryReadVarint(body, ref at, ZigZagVarint.LongestInt32, out long keyLength))
            return false;
        shape.KeyLength = (int)keyLength;
        shape.KeyStart = at;
        if (!TryPass(body, ref at, keyLength) || !TryReadVarint(body, ref at, ZigZagVarint.LongestInt32, out long valueLength))
            return false;
        shape.ValueLength = (int)valueLength;
        shape.ValueStart = at;
        if (!TryPass(body, ref at, valueLength) || !TryReadVarint(body, ref at, ZigZagVarint.LongestInt32, out long headerCount))
            return false;
        shape.HeaderCount = (int)headerCount;
        shape.HeadersStart = at;
        if (headerCount < 0)
            return false;
        for (; headerCount > 0; headerCount--)
        {
            if (!TryReadVarint(body, ref at, ZigZagVarint.LongestInt32, out keyLength) || keyLength < 0
                || !TryPass(body, ref at, keyLength)
                || !TryReadVarint(body, ref at, ZigZagVarint.LongestInt32, out valueLength)
                || !TryPass(body, ref at, valueLength))
                return false;
        }

        return at == body.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadVarint(ReadOnlySpan<byte> body, ref int at, int bytesMax, out long value)
    {
        ulong raw = 0;
        for (int shift = 0; shift < 7 * bytesMax && (uint)at < (uint)body.Length; shift += 7)
        {
            byte part = body[at++];
            raw |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                value = bytesMax == ZigZagVarint.LongestInt32 ? ZigZagVarint.Decode((uint)raw) : ZigZagVarint.Decode(raw);
                return true;
            }
        }

        value = 0;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryPass(ReadOnlySpan<byte> body, ref int at, long length)
    {
        if (length > body.Length - at)
            return false;
        at += (int)Math.Max(length, 0);
        return true;
    }

    private static void ReadStepwise(ref RecordStream stream, int size, out RecordShape shape)
    {
        long start = stream.Position;
        long end = start + size;
        shape.Attributes = stream.ReadByte();
        shape.TimestampDelta = stream.ReadVarint64();
        shape.OffsetDelta = stream.ReadVarint32();
        shape.TailStart = (int)(stream.Position - start);
        shape.KeyLength = stream.ReadVarint32();
        shape.KeyStart = (int)(stream.Position - start);
        SkipBytes(ref stream, shape.KeyLength, end);
        shape.ValueLength = stream.ReadVarint32();
        shape.ValueStart = (int)(stream.Position - start);
        SkipBytes(ref stream, shape.ValueLength, end);
        shape.HeaderCount = stream.ReadVarint32();
        shape.HeadersStart = (int)(stream.Position - start);
        if (shape.HeaderCount < 0 || shape.HeaderCount > end - stream.Position)
            throw new RecordFormatException($"A record cannot have {shape.HeaderCount} headers in the bytes it has.");
        for (int index = 0; index < shape.HeaderCount; index++)
        {
            int keyLength = stream.ReadVarint32();
            if (keyLength < 0)
                throw new RecordFormatException("A record header has no key.");
            SkipBytes(ref stream, keyLength, end);
            SkipBytes(ref stream, stream.ReadVarint32(), end);
        }

        if (stream.Position != end)
            throw new RecordFormatException($"A record says {size} bytes but its parts have another length.");
    }

    /// <summary>The size of the body that follows.</summary>
    /// <exception cref="RecordFormatException">It cannot be: an attribute, two deltas and three lengths need 6 bytes.</exception>
    internal static int ReadSize(ref RecordStream stream)
    {
        const int smallest = 6;
        int size = stream.ReadVarint32();
        return size >= smallest ? size : throw new RecordFormatException($"A record cannot have {size} bytes.");
    }

    private static void SkipBytes(ref RecordStream stream, int length, long end)
    {
        if (length > end - stream.Position)
            throw new RecordFormatException("A length inside a record is larger than the record.");
        if (length > 0)
            stream.Skip(length);
    }
}
