using System.Buffers;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Snappy, written in xerial's framing and read with and without it.</summary>
internal sealed class SnappyCodec : ICompressionCodec
{
    private readonly ReusePool<SnappyDecompressor> _decompressors = new();

    public CompressionType Type => CompressionType.Snappy;

    public Decompressor StartReading(byte magic = 2)
    {
        var decompressor = _decompressors.TryTake() ?? new SnappyDecompressor(_decompressors);
        decompressor.Start();
        return decompressor;
    }

    public Compressor StartWriting(IBufferWriter<byte> output, int? level = null) => new SnappyCompressor(output);
}
