using System.Buffers;
using System.Buffers.Binary;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>
/// Reads one LZ4 frame. What follows its end mark is not looked at, and a checksum of the content is not verified: Kafka
/// does neither, and the batch has its own.
/// </summary>
internal sealed class Lz4Decompressor(ReusePool<Lz4Decompressor> pool) : Decompressor
{
    private byte[]? _block;
    private int _blockStart;
    private int _blockEnd;
    private int _storedLeft;
    private int _position;
    private int _blockBytesMax;
    private bool _hasBlockChecksums;
    private bool _checksHeader;
    private bool _ended;
    private bool _inUse;

    internal void Start(byte magic)
    {
        _blockStart = _blockEnd = _storedLeft = _position = _blockBytesMax = 0;
        _checksHeader = magic != 0;
        _ended = false;
        _inUse = true;
    }

    public override int Read(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (_blockBytesMax == 0)
            ReadHeader(source);
        while (true)
        {
            if (_blockStart < _blockEnd)
                return CopyFromBlock(destination);
            if (_storedLeft > 0)
                return CopyStored(source, destination);
            if (_ended)
                return 0;
            if (ReadBlock(source, destination) is > 0 and var count)
                return count;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!_inUse)
            return;
        _inUse = false;
        if (_block is { } block)
            ArrayPool<byte>.Shared.Return(block);
        _block = null;
        pool.TryReturn(this);
    }

    private int CopyFromBlock(Span<byte> destination)
    {
        int count = Math.Min(destination.Length, _blockEnd - _blockStart);
        _block.AsSpan(_blockStart, count).CopyTo(destination);
        _blockStart += count;
        return count;
    }

    private int CopyStored(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int count = Math.Min(destination.Length, _storedLeft);
        source.Slice(_position, count).CopyTo(destination);
        _position += count;
        _storedLeft -= count;
        if (_storedLeft == 0 && _hasBlockChecksums)
            _position += sizeof(uint);
        return count;
    }

    private void ReadHeader(ReadOnlySpan<byte> source)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(Take(source, 4)) != Lz4Frame.Magic)
            throw new RecordFormatException("Not an LZ4 frame.");

        int start = _position;
        var flags = Take(source, 2);
        int descriptorSize = Lz4Frame.ReadDescriptor(flags[0], flags[1], out int blockBytesMax, out _hasBlockChecksums);
        Take(source, descriptorSize - 2);
        byte checksum = Take(source, 1)[0];
        // Kafka wrote a wrong header checksum in messages of magic 0, so there it is not looked at (KAFKA-3160, KIP-57).
        if (_checksHeader && checksum != Lz4Frame.DescriptorChecksum(source.Slice(start, descriptorSize)))
            throw new RecordFormatException("The checksum of the LZ4 frame header is wrong.");
        _blockBytesMax = blockBytesMax;
    }

    /// <summary>Expands into the destination if a whole block fits there, else into an own buffer and returns 0.</summary>
    private int ReadBlock(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        uint head = BinaryPrimitives.ReadUInt32LittleEndian(Take(source, 4));
        long size = head & ~Lz4Frame.StoredBlockFlag;
        if (size == 0)
        {
            _ended = true;
            return 0;
        }

        if (size > _blockBytesMax)
            throw new RecordFormatException("An LZ4 block is larger than its frame allows.");

        var block = Take(source, (int)size);
        if (_hasBlockChecksums)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(Take(source, sizeof(uint))) != XxHash32.Compute(block))
                throw new RecordFormatException("The checksum of an LZ4 block is wrong.");
        }

        if ((head & Lz4Frame.StoredBlockFlag) != 0)
        {
            _position -= (int)size + (_hasBlockChecksums ? sizeof(uint) : 0);
            _storedLeft = (int)size;
            return 0;
        }

        if (destination.Length >= _blockBytesMax)
            return Expand(block, destination);

        _block ??= ArrayPool<byte>.Shared.Rent(_blockBytesMax);
        _blockStart = 0;
        _blockEnd = Expand(block, _block);
        return 0;
    }

    private unsafe int Expand(ReadOnlySpan<byte> block, Span<byte> destination)
    {
        int written;
        fixed (byte* from = block, to = destination)
            written = Lz4Native.Decompress(from, to, block.Length, _blockBytesMax);
        return written >= 0 ? written : throw new RecordFormatException("An LZ4 block is malformed.");
    }

    private ReadOnlySpan<byte> Take(ReadOnlySpan<byte> source, int count)
    {
        if (source.Length - _position < count)
            throw new RecordFormatException("The LZ4 frame ends early.");
        var taken = source.Slice(_position, count);
        _position += count;
        return taken;
    }
}
