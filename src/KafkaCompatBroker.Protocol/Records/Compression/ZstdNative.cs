using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>The streaming functions of libzstd.</summary>
internal static unsafe partial class ZstdNative
{
    internal const int ResetSession = 1;
    internal const int WindowLogMaxParameter = 100;
    internal const int CompressionLevelParameter = 100;
    internal const int ContinueFrame = 0;
    internal const int EndFrame = 2;

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_createDCtx")]
    internal static partial nint CreateDecompression();

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_freeDCtx")]
    internal static partial nuint FreeDecompression(nint context);

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_DCtx_reset")]
    internal static partial nuint ResetDecompression(ZstdDecompressionContext context, int what);

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_DCtx_setParameter")]
    internal static partial nuint SetDecompressionParameter(ZstdDecompressionContext context, int parameter, int value);

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_sizeof_DCtx")]
    internal static partial nuint SizeOfDecompression(ZstdDecompressionContext context);

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_decompressStream")]
    internal static partial nuint Decompress(ZstdDecompressionContext context, ZstdBuffer* output, ZstdBuffer* input);

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_createCCtx")]
    internal static partial nint CreateCompression();

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_freeCCtx")]
    internal static partial nuint FreeCompression(nint context);

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_CCtx_setParameter")]
    internal static partial nuint SetCompressionParameter(ZstdCompressionContext context, int parameter, int value);

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_compressStream2")]
    internal static partial nuint Compress(
        ZstdCompressionContext context, ZstdBuffer* output, ZstdBuffer* input, int endDirective);

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_isError")]
    internal static partial uint IsError(nuint result);

    [LibraryImport(NativeCodecLibrary.Zstd, EntryPoint = "ZSTD_getErrorName")]
    internal static partial nint ErrorName(nuint result);
}
