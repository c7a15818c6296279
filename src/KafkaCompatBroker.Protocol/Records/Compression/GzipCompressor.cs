using System.Buffers;
using System.IO.Compression;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Writes one gzip member.</summary>
internal sealed class GzipCompressor : Compressor
{
    private readonly IBufferWriter<byte> _output;
    private readonly GZipStream _gzip;
    private bool _isEmpty = true;

    internal GzipCompressor(IBufferWriter<byte> output, int level)
    {
        _output = output;
        _gzip = new GZipStream(
            new OutputStream(output), new ZLibCompressionOptions { CompressionLevel = Math.Clamp(level, -1, 9) });
    }

    // GZipStream writes nothing at all when nothing was written to it, which no reader takes for gzip.
    private static ReadOnlySpan<byte> EmptyMember =>
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        _isEmpty &= bytes.IsEmpty;
        _gzip.Write(bytes);
    }

    public override void Finish()
    {
        _gzip.Dispose();
        if (_isEmpty)
            _output.Write(EmptyMember);
    }

    protected override void Dispose(bool disposing) => _gzip.Dispose();

    private sealed class OutputStream(IBufferWriter<byte> output) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => output.Write(buffer);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
