namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>A codec needs a native library that is not installed on this machine.</summary>
public sealed class CodecUnavailableException : Exception
{
    internal CodecUnavailableException(CompressionType type, string library, string package)
        : base($"Compression '{type.ToString().ToLowerInvariant()}' needs the library {library}, which cannot be loaded. "
            + $"Install it, on Debian and Ubuntu with: apt-get install {package}")
    {
        Type = type;
        Package = package;
    }

    /// <summary>The codec that cannot be used.</summary>
    public CompressionType Type { get; }

    /// <summary>The Debian package that has the library.</summary>
    public string Package { get; }
}
