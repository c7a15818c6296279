using System.Buffers;
using System.Buffers.Binary;
using IronSnappy;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Writes blocks of 32 KiB in xerial's framing.</summary>
internal sealed class SnappyCompressor : Compressor
{
    private readonly IBufferWriter<byte> _output;
    private readonly byte[] _block = new byte[SnappyFraming.BlockBytes];
    private int _filled;

    internal SnappyCompressor(IBufferWriter<byte> output)
    {
        _output = output;
        var header = output.GetSpan(SnappyFraming.HeaderSize);
        SnappyFraming.Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header[8..], SnappyFraming.LowestVersion);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], SnappyFraming.LowestVersion);
        output.Advance(SnappyFraming.HeaderSize);
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, SnappyFraming.BlockBytes - _filled);
            bytes[..count].CopyTo(_block.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
            if (_filled == SnappyFraming.BlockBytes)
                WriteBlock();
        }
    }

    public override void Finish()
    {
        if (_filled > 0)
            WriteBlock();
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void WriteBlock()
    {
        byte[] compressed = Snappy.Encode(_block.AsSpan(0, _filled));
        var span = _output.GetSpan(4 + compressed.Length);
        BinaryPrimitives.WriteInt32BigEndian(span, compressed.Length);
        compressed.CopyTo(span[4..]);
        _output.Advance(4 + compressed.Length);
        _filled = 0;
    }
}
