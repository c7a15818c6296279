using System.Buffers;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>The codecs by their type, and whole-buffer forms of them.</summary>
public static class CompressionCodecs
{
    private static readonly GzipCodec Gzip = new();
    private static readonly SnappyCodec Snappy = new();
    private static readonly Lz4Codec Lz4 = new();
    private static readonly ZstdCodec Zstd = new();

    /// <summary>The codec of a type other than <see cref="CompressionType.None"/>.</summary>
    /// <exception cref="RecordFormatException">There is no such codec: values 5 to 7 of the attributes.</exception>
    public static ICompressionCodec For(CompressionType type) => type switch
    {
        CompressionType.Gzip => Gzip,
        CompressionType.Snappy => Snappy,
        CompressionType.Lz4 => Lz4,
        CompressionType.Zstd => Zstd,
        _ => throw new RecordFormatException($"Compression type {(int)type} is not defined."),
    };

    /// <summary>Compresses at once.</summary>
    public static byte[] Compress(this ICompressionCodec codec, ReadOnlySpan<byte> bytes, int? level = null)
    {
        var output = new ArrayBufferWriter<byte>();
        using var compressor = codec.StartWriting(output, level);
        compressor.Write(bytes);
        compressor.Finish();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Expands at once, never to more than <paramref name="bytesMax"/>.</summary>
    /// <exception cref="RecordFormatException">Not of the format, or larger than allowed.</exception>
    public static byte[] Decompress(this ICompressionCodec codec, ReadOnlySpan<byte> compressed, int bytesMax)
    {
        var output = new ArrayBufferWriter<byte>();
        using var decompressor = codec.StartReading();
        for (int count; (count = decompressor.Read(compressed, output.GetSpan(4096))) > 0;)
        {
            output.Advance(count);
            if (output.WrittenCount > bytesMax)
                throw new RecordFormatException($"Expands to more than {bytesMax} bytes.");
        }

        return output.WrittenSpan.ToArray();
    }
}
