using System.Buffers;
using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Writes one zstd frame.</summary>
internal sealed class ZstdCompressor(IBufferWriter<byte> output, int level) : Compressor
{
    private const int OutputStep = 16 * 1024;

    private readonly ZstdCompressionContext _context = new(level);

    public override void Write(ReadOnlySpan<byte> bytes) => Compress(bytes, ZstdNative.ContinueFrame);

    public override void Finish() => Compress([], ZstdNative.EndFrame);

    protected override void Dispose(bool disposing) => _context.Dispose();

    private unsafe void Compress(ReadOnlySpan<byte> bytes, int endDirective)
    {
        fixed (byte* from = bytes)
        {
            var input = new ZstdBuffer { Start = from, Size = (nuint)bytes.Length };
            nuint left;
            do
            {
                var span = output.GetSpan(OutputStep);
                fixed (byte* to = span)
                {
                    var step = new ZstdBuffer { Start = to, Size = (nuint)span.Length };
                    left = ZstdNative.Compress(_context, &step, &input, endDirective);
                    if (ZstdNative.IsError(left) != 0)
                        throw new InvalidOperationException(Marshal.PtrToStringUTF8(ZstdNative.ErrorName(left)));
                    output.Advance((int)step.Position);
                }
            }
            while (input.Position < input.Size || (endDirective == ZstdNative.EndFrame && left != 0));
        }
    }
}
