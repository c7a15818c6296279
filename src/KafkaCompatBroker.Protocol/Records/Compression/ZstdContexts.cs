using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Owns a ZSTD_DCtx.</summary>
internal sealed class ZstdDecompressionContext : SafeHandle
{
    // ZSTD_WINDOWLOG_LIMIT_DEFAULT: frames that want more history than 128 MiB are refused, as Kafka's library does.
    private const int WindowLogMax = 27;

    public ZstdDecompressionContext()
        : base(0, true)
    {
        SetHandle(ZstdNative.CreateDecompression());
        if (IsInvalid)
            throw new InsufficientMemoryException("No memory for a zstd context.");
        ZstdNative.SetDecompressionParameter(this, ZstdNative.WindowLogMaxParameter, WindowLogMax);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => ZstdNative.FreeDecompression(handle) == 0;
}

/// <summary>Owns a ZSTD_CCtx.</summary>
internal sealed class ZstdCompressionContext : SafeHandle
{
    public ZstdCompressionContext(int level)
        : base(0, true)
    {
        SetHandle(ZstdNative.CreateCompression());
        if (IsInvalid)
            throw new InsufficientMemoryException("No memory for a zstd context.");
        ZstdNative.SetCompressionParameter(this, ZstdNative.CompressionLevelParameter, level);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => ZstdNative.FreeCompression(handle) == 0;
}
