using System.Reflection;
using System.Runtime.InteropServices;

namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Finds liblz4 and libzstd under the names that run-time packages give them, without development files.</summary>
internal static class NativeCodecLibrary
{
    internal const string Lz4 = "liblz4";
    internal const string Zstd = "libzstd";

    private static readonly nint Lz4Handle = Load("liblz4.so.1", "liblz4.so", "liblz4.1.dylib", "liblz4.dylib", "liblz4.dll");
    private static readonly nint ZstdHandle =
        Load("libzstd.so.1", "libzstd.so", "libzstd.1.dylib", "libzstd.dylib", "libzstd.dll");

    static NativeCodecLibrary() => NativeLibrary.SetDllImportResolver(typeof(NativeCodecLibrary).Assembly, Resolve);

    /// <exception cref="CodecUnavailableException">liblz4 is not installed.</exception>
    internal static void RequireLz4()
    {
        if (Lz4Handle == 0)
            throw new CodecUnavailableException(CompressionType.Lz4, Lz4, "liblz4-1");
    }

    /// <exception cref="CodecUnavailableException">libzstd is not installed.</exception>
    internal static void RequireZstd()
    {
        if (ZstdHandle == 0)
            throw new CodecUnavailableException(CompressionType.Zstd, Zstd, "libzstd1");
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        Lz4 => Lz4Handle,
        Zstd => ZstdHandle,
        _ => 0,
    };

    private static nint Load(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, typeof(NativeCodecLibrary).Assembly, null, out nint handle))
                return handle;
        }

        return 0;
    }
}
