using System.Buffers;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>One compression format. Implementations are shared by all threads.</summary>
public interface ICompressionCodec
{
    /// <summary>Which format it is.</summary>
    CompressionType Type { get; }

    /// <summary>Starts reading compressed bytes from their beginning; dispose the reader when done.</summary>
    /// <param name="magic">Magic of the batch or message that holds the bytes; LZ4 in magic 0 has a wrong checksum.</param>
    /// <exception cref="CodecUnavailableException">A native library is not installed.</exception>
    Decompressor StartReading(byte magic = 2);

    /// <summary>Starts compressing into <paramref name="output"/>.</summary>
    /// <param name="output">Where compressed bytes go, not all of them before <see cref="Compressor.Finish"/>.</param>
    /// <param name="level">
    /// Level in the numbers of Kafka's <c>compression.*.level</c>; null for the default. Out of range is brought into it.
    /// </param>
    /// <exception cref="CodecUnavailableException">A native library is not installed.</exception>
    Compressor StartWriting(IBufferWriter<byte> output, int? level = null);
}
