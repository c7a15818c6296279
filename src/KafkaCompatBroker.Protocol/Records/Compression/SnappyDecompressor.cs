using System.Buffers;
using System.Buffers.Binary;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Reads blocks in xerial's framing, of several streams one after the other, or one bare block.</summary>
internal sealed class SnappyDecompressor(ReusePool<SnappyDecompressor> pool) : Decompressor
{
    private byte[]? _block;
    private int _blockStart;
    private int _blockEnd;
    private int _position;
    private bool _isFramed;
    private bool _inUse;

    internal void Start()
    {
        _blockStart = _blockEnd = _position = 0;
        _isFramed = false;
        _inUse = true;
    }

    public override int Read(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (_position == 0)
        {
            if (source.IsEmpty)
                throw new RecordFormatException("There are no Snappy bytes.");
            _isFramed = source.Length >= SnappyFraming.HeaderSize && source.StartsWith(SnappyFraming.Magic);
        }

        while (_blockStart == _blockEnd)
        {
            if (_position == source.Length)
                return 0;
            var block = _isFramed ? NextBlock(source) : source;
            if (!_isFramed)
                _position = source.Length;
            if (!block.IsEmpty && Expand(block, destination) is > 0 and var count)
                return count;
        }

        return CopyFromBlock(destination);
    }

    protected override void Dispose(bool disposing)
    {
        if (!_inUse)
            return;
        _inUse = false;
        ReturnBlock();
        pool.TryReturn(this);
    }

    private int CopyFromBlock(Span<byte> destination)
    {
        int count = Math.Min(destination.Length, _blockEnd - _blockStart);
        _block.AsSpan(_blockStart, count).CopyTo(destination);
        _blockStart += count;
        return count;
    }

    /// <summary>The next block, or nothing when the bytes were another header.</summary>
    private ReadOnlySpan<byte> NextBlock(ReadOnlySpan<byte> source)
    {
        var rest = source[_position..];
        if (rest.StartsWith(SnappyFraming.Magic))
        {
            if (rest.Length < SnappyFraming.HeaderSize
                || BinaryPrimitives.ReadInt32BigEndian(rest[8..]) < SnappyFraming.LowestVersion)
                throw new RecordFormatException("A Snappy header is cut or of an unknown version.");
            _position += SnappyFraming.HeaderSize;
            return [];
        }

        int size = rest.Length >= 4 ? BinaryPrimitives.ReadInt32BigEndian(rest) : -1;
        if (size < 0 || size > rest.Length - 4)
            throw new RecordFormatException("A Snappy block is longer than what is left.");
        _position += 4 + size;
        return rest.Slice(4, size);
    }

    /// <summary>Expands into the destination if the block fits there, else into an own buffer and returns 0.</summary>
    private int Expand(ReadOnlySpan<byte> block, Span<byte> destination)
    {
        int length = SnappyBlock.ReadLength(block, out int prefixSize);
        if (length <= destination.Length)
        {
            SnappyBlock.Expand(block[prefixSize..], destination[..length]);
            return length;
        }

        if (_block is null || _block.Length < length)
        {
            ReturnBlock();
            _block = ArrayPool<byte>.Shared.Rent(length);
        }

        _blockStart = _blockEnd = 0;
        SnappyBlock.Expand(block[prefixSize..], _block.AsSpan(0, length));
        _blockEnd = length;
        return 0;
    }

    private void ReturnBlock()
    {
        if (_block is { } block)
            ArrayPool<byte>.Shared.Return(block);
        _block = null;
    }
}
