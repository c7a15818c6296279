using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Reads zstd frames one after the other. The context keeps its window between uses unless that is large.</summary>
internal sealed class ZstdDecompressor(ReusePool<ZstdDecompressor> pool) : Decompressor
{
    // The usual levels need 2 MiB of window; larger ones are not worth keeping for the next batch.
    private const int IdleBytesMax = 4 * 1024 * 1024;

    private readonly ZstdDecompressionContext _context = new();
    private nuint _position;
    private bool _inFrame;
    private bool _inUse;

    internal void Start()
    {
        _position = 0;
        _inFrame = false;
        _inUse = true;
        ZstdNative.ResetDecompression(_context, ZstdNative.ResetSession);
    }

    public override unsafe int Read(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* from = source, to = destination)
        {
            var input = new ZstdBuffer { Start = from, Size = (nuint)source.Length, Position = _position };
            var output = new ZstdBuffer { Start = to, Size = (nuint)destination.Length };
            while (output.Position == 0)
            {
                if (input.Position == input.Size && !_inFrame)
                    return 0;
                nuint before = input.Position;
                nuint wanted = ZstdNative.Decompress(_context, &output, &input);
                if (ZstdNative.IsError(wanted) != 0)
                    throw new RecordFormatException($"Not zstd: {Marshal.PtrToStringUTF8(ZstdNative.ErrorName(wanted))}.");
                _inFrame = wanted != 0;
                if (_inFrame && output.Position == 0 && input.Position == before)
                    throw new RecordFormatException("The zstd frame ends early.");
            }

            _position = input.Position;
            return (int)output.Position;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!_inUse)
            return;
        _inUse = false;
        if (ZstdNative.SizeOfDecompression(_context) > IdleBytesMax || !pool.TryReturn(this))
            _context.Dispose();
    }
}
