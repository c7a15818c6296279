using System.Buffers;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Zstandard through libzstd.</summary>
internal sealed class ZstdCodec : ICompressionCodec
{
    internal const int DefaultLevel = 3;

    private const int LowestLevel = -131_072;
    private const int HighestLevel = 22;

    private readonly ReusePool<ZstdDecompressor> _decompressors = new();

    public CompressionType Type => CompressionType.Zstd;

    public Decompressor StartReading(byte magic = 2)
    {
        NativeCodecLibrary.RequireZstd();
        var decompressor = _decompressors.TryTake() ?? new ZstdDecompressor(_decompressors);
        decompressor.Start();
        return decompressor;
    }

    public Compressor StartWriting(IBufferWriter<byte> output, int? level = null)
    {
        NativeCodecLibrary.RequireZstd();
        return new ZstdCompressor(output, Math.Clamp(level ?? DefaultLevel, LowestLevel, HighestLevel));
    }
}
