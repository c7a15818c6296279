using System.Buffers;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Gzip through the zlib that is part of .NET.</summary>
internal sealed class GzipCodec : ICompressionCodec
{
    public CompressionType Type => CompressionType.Gzip;

    public Decompressor StartReading(byte magic = 2) => new GzipDecompressor();

    public Compressor StartWriting(IBufferWriter<byte> output, int? level = null) => new GzipCompressor(output, level ?? -1);
}
