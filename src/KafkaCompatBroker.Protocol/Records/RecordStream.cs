using System.Buffers;
using System.Runtime.CompilerServices;
using KafkaCompatBroker.Protocol.Records.Compression;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// Sequential reading of record bytes, plain or compressed. Compressed ones are expanded through one pooled window, which
/// grows only when a caller wants more contiguous bytes than it has.
/// </summary>
internal ref struct RecordStream
{
    private readonly ReadOnlySpan<byte> _compressed;
    private Decompressor? _decompressor;
    private readonly long _bytesMax;
    private ReadOnlySpan<byte> _window;
    private byte[]? _buffer;
    private int _next;
    private long _before;

    internal RecordStream(ReadOnlySpan<byte> plain)
    {
        _window = plain;
        _bytesMax = plain.Length;
    }

    /// <exception cref="RecordFormatException">The codec is not defined.</exception>
    /// <exception cref="CodecUnavailableException">The codec needs a library that is not installed.</exception>
    internal RecordStream(ReadOnlySpan<byte> bytes, CompressionType codec, byte magic, long expandedBytesMax)
    {
        if (codec == CompressionType.None)
        {
            _window = bytes;
            _bytesMax = bytes.Length;
            return;
        }

        _compressed = bytes;
        _bytesMax = expandedBytesMax;
        _decompressor = CompressionCodecs.For(codec).StartReading(magic);
    }

    /// <summary>Bytes read so far.</summary>
    internal readonly long Position => _before + _next;

    /// <summary>The contiguous bytes that are there without reading further.</summary>
    internal readonly ReadOnlySpan<byte> Available => _window[_next..];

    /// <summary>Whether every byte was read. Throws if a compressed stream has no proper end.</summary>
    internal bool IsAtEnd() => !TryHave(1);

    /// <summary>Makes at least <paramref name="count"/> bytes contiguous; false when the stream is shorter.</summary>
    internal bool TryHave(int count) => _window.Length - _next >= count || (_decompressor is not null && Expand(count));

    internal byte ReadByte()
    {
        if (!TryHave(1))
            throw EndsEarly();
        return _window[_next++];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int ReadVarint32()
    {
        if ((uint)_next < (uint)_window.Length && _window[_next] < 0x80)
            return (int)ZigZagVarint.Decode(_window[_next++]);
        return (int)ZigZagVarint.Decode((uint)ReadLongVarint(ZigZagVarint.LongestInt32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long ReadVarint64()
    {
        if ((uint)_next < (uint)_window.Length && _window[_next] < 0x80)
            return ZigZagVarint.Decode(_window[_next++]);
        return ZigZagVarint.Decode(ReadLongVarint(ZigZagVarint.LongestInt64));
    }

    /// <summary>Passes over bytes without making them contiguous.</summary>
    internal void Skip(int count)
    {
        while (count > _window.Length - _next)
        {
            count -= _window.Length - _next;
            _next = _window.Length;
            if (!TryHave(1))
                throw EndsEarly();
        }

        _next += count;
    }

    /// <summary>Takes contiguous bytes, valid until the stream is read further.</summary>
    internal ReadOnlySpan<byte> Take(int count)
    {
        if (!TryHave(count))
            throw EndsEarly();
        var taken = _window.Slice(_next, count);
        _next += count;
        return taken;
    }

    internal void Dispose()
    {
        _decompressor?.Dispose();
        _decompressor = null;
        if (_buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        _buffer = null;
        _window = default;
        _next = 0;
    }

    private ulong ReadLongVarint(int bytesMax)
    {
        ulong raw = 0;
        for (int shift = 0; shift < 7 * bytesMax; shift += 7)
        {
            byte value = (uint)_next < (uint)_window.Length ? _window[_next++] : ReadByte();
            raw |= (ulong)(value & 0x7F) << shift;
            if (value < 0x80)
                return raw;
        }

        throw new RecordFormatException($"A variable-length number has more than {bytesMax} bytes.");
    }

    private static RecordFormatException EndsEarly() => new("The records end early.");

    private bool Expand(int count)
    {
        int filled = MoveRestToFront();
        while (filled < count)
        {
            if (filled == _buffer!.Length)
                Grow(filled);
            int added = _decompressor!.Read(_compressed, _buffer.AsSpan(filled));
            filled += added;
            if (_before + filled > _bytesMax)
                throw new RecordFormatException($"The batch expands to more than {_bytesMax} bytes.");
            if (added == 0)
                break;
        }

        _window = _buffer.AsSpan(0, filled);
        return filled >= count;
    }

    private int MoveRestToFront()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(RecordLimits.ExpansionWindowBytes);
        int left = _window.Length - _next;
        _window[_next..].CopyTo(_buffer);
        _before += _next;
        _next = 0;
        return left;
    }

    // Doubling, not the wanted size at once: a length field alone must not make memory grow.
    private void Grow(int filled)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * filled, Array.MaxLength));
        _buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer!);
        _buffer = larger;
    }
}
