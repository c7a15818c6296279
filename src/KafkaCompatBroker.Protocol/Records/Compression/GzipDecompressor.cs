using System.IO.Compression;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Reads gzip members one after the other; bytes after the last that begin no member are not looked at.</summary>
internal sealed class GzipDecompressor : Decompressor
{
    private readonly SourceStream _source = new();
    private readonly GZipStream _gzip;
    private bool _started;

    internal GzipDecompressor() => _gzip = new GZipStream(_source, CompressionMode.Decompress, leaveOpen: true);

    public override unsafe int Read(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (!_started && source.IsEmpty)
            throw new RecordFormatException("The gzip stream ends early.");
        _started = true;
        fixed (byte* start = source)
        {
            _source.Open(start, source.Length);
            try
            {
                return _gzip.Read(destination);
            }
            catch (InvalidDataException cause)
            {
                throw new RecordFormatException("The gzip stream is malformed or ends early.", cause);
            }
            finally
            {
                _source.Close();
            }
        }
    }

    protected override void Dispose(bool disposing) => _gzip.Dispose();

    /// <summary>Lends the pinned source to the inflater for one call and remembers how far it read.</summary>
    private sealed unsafe class SourceStream : Stream
    {
        private byte* _start;
        private int _length;
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, _length - _position);
            new ReadOnlySpan<byte>(_start + _position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        internal void Open(byte* start, int length)
        {
            _start = start;
            _length = length;
        }

        internal new void Close()
        {
            _start = null;
            _length = _position;
        }
    }
}
