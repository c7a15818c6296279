using System.Buffers;
using System.Buffers.Binary;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Writes one LZ4 frame; a block that does not shrink is stored.</summary>
internal sealed class Lz4Compressor : Compressor
{
    private const int StrongestLevel = 12;
    private const int SmallestBlock = 16;

    private readonly IBufferWriter<byte> _output;
    private readonly int _level;
    private readonly byte[] _block = new byte[Lz4Frame.BlockOf64KiB];
    private int _filled;

    internal Lz4Compressor(IBufferWriter<byte> output, int level)
    {
        _output = output;
        _level = level;
        var header = output.GetSpan(7);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Lz4Frame.Magic);
        header[4] = Lz4Frame.VersionAndIndependentBlocks;
        header[5] = Lz4Frame.BlocksOf64KiB;
        header[6] = Lz4Frame.DescriptorChecksum(header[4..6]);
        output.Advance(7);
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, Lz4Frame.BlockOf64KiB - _filled);
            bytes[..count].CopyTo(_block.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
            if (_filled == Lz4Frame.BlockOf64KiB)
                WriteBlock();
        }
    }

    public override void Finish()
    {
        if (_filled > 0)
            WriteBlock();
        BinaryPrimitives.WriteUInt32LittleEndian(_output.GetSpan(4), 0);
        _output.Advance(4);
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void WriteBlock()
    {
        var block = _output.GetSpan(4 + _filled);
        var content = block.Slice(4, _filled);
        uint head = (uint)Compress(content);
        if (head == 0)
        {
            _block.AsSpan(0, _filled).CopyTo(content);
            head = Lz4Frame.StoredBlockFlag | (uint)_filled;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block, head);
        _output.Advance(4 + (int)(head & ~Lz4Frame.StoredBlockFlag));
        _filled = 0;
    }

    /// <summary>The bytes written, or 0 when the block would not become smaller.</summary>
    private unsafe int Compress(Span<byte> destination)
    {
        if (_filled < SmallestBlock)
            return 0;
        fixed (byte* from = _block, to = destination)
        {
            return _level == Lz4Codec.DefaultLevel
                ? Lz4Native.CompressFast(from, to, _filled, _filled - 1)
                : Lz4Native.CompressHigh(from, to, _filled, _filled - 1, Math.Clamp(_level, 1, StrongestLevel));
        }
    }
}
