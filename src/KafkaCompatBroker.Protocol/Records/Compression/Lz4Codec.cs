using System.Buffers;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>LZ4 frames with independent blocks of 64 KiB, as Kafka's clients write them.</summary>
internal sealed class Lz4Codec : ICompressionCodec
{
    // Kafka's default level means the fast compressor; every other one the high compressor of that strength.
    internal const int DefaultLevel = 9;

    private readonly ReusePool<Lz4Decompressor> _decompressors = new();

    public CompressionType Type => CompressionType.Lz4;

    public Decompressor StartReading(byte magic = 2)
    {
        NativeCodecLibrary.RequireLz4();
        var decompressor = _decompressors.TryTake() ?? new Lz4Decompressor(_decompressors);
        decompressor.Start(magic);
        return decompressor;
    }

    public Compressor StartWriting(IBufferWriter<byte> output, int? level = null)
    {
        NativeCodecLibrary.RequireLz4();
        return new Lz4Compressor(output, level ?? DefaultLevel);
    }
}
