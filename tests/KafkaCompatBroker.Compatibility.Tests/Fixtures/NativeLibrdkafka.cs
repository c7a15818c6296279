using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Gives Confluent.Kafka the native library that belongs to it, from LIBRDKAFKA or where tests/run puts what it built.</summary>
internal static class NativeLibrdkafka
{
    private const int LowestVersion = 0x020f00ff;

    /// <summary>Why tests of Confluent.Kafka cannot run here, or null.</summary>
    public static string? Missing { get; } = Load();

    private static string? Load()
    {
        var path = Environment.GetEnvironmentVariable("LIBRDKAFKA") ?? Path.Combine(CacheHome(), "kafka-compat-broker", "librdkafka-2.15.1.so.1");
        if (!NativeLibrary.TryLoad(path, out var handle))
        {
            return $"no librdkafka at {path}; bash tests/run builds it";
        }

        // Confluent.Kafka looks for the names of the NuGet package's files, and for libdl without a version.
        NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) =>
            name == "libdl" ? NativeLibrary.Load("libdl.so.2") : name.EndsWith("librdkafka", StringComparison.Ordinal) ? handle : 0);
        Library.Load(path);
        // An older one, such as Debian 12's 2.0, lacks entry points that this Confluent.Kafka calls.
        return Library.Version >= LowestVersion ? null : $"librdkafka {Library.VersionString} is too old for this Confluent.Kafka";
    }

    private static string CacheHome() => Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
}

internal sealed class ConfluentFactAttribute : FactAttribute
{
    public ConfluentFactAttribute() => Skip = NativeLibrdkafka.Missing;
}

internal sealed class ConfluentTheoryAttribute : TheoryAttribute
{
    public ConfluentTheoryAttribute() => Skip = NativeLibrdkafka.Missing;
}
