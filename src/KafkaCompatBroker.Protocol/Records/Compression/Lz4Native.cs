using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>The block functions of liblz4. Frames are ours, for Kafka's variants of them.</summary>
internal static unsafe partial class Lz4Native
{
    [LibraryImport(NativeCodecLibrary.Lz4, EntryPoint = "LZ4_decompress_safe")]
    internal static partial int Decompress(byte* source, byte* destination, int sourceSize, int destinationSize);

    [LibraryImport(NativeCodecLibrary.Lz4, EntryPoint = "LZ4_compress_default")]
    internal static partial int CompressFast(byte* source, byte* destination, int sourceSize, int destinationSize);

    [LibraryImport(NativeCodecLibrary.Lz4, EntryPoint = "LZ4_compress_HC")]
    internal static partial int CompressHigh(byte* source, byte* destination, int sourceSize, int destinationSize, int level);
}
