using System.Reflection;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>What the machine offers to these tests; a test whose means are missing is counted as skipped, with the reason.</summary>
internal static class Requirements
{
    /// <summary>The folder under test: BROKER_HOME, else the Host that was built with these tests.</summary>
    public static string BrokerHome { get; } = Environment.GetEnvironmentVariable("BROKER_HOME") ?? Metadata("BrokerHome");

    public static string RepositoryRoot { get; } = Metadata("RepositoryRoot");

    /// <summary>The real Apache Kafka with its tools, or null.</summary>
    public static string? KafkaHome { get; } = FirstDirectory("libs", Environment.GetEnvironmentVariable("KAFKA_HOME"), Shared("kafka"));

    /// <summary>Facts recorded from the real Apache Kafka, or null.</summary>
    public static string? GoldenHome { get; } = FirstDirectory("data-dir", Environment.GetEnvironmentVariable("GOLDEN_HOME"), Shared("golden"));

    public static bool HasJava { get; } = OnPath("java");

    public static string? NoKafkaTools { get; } =
        KafkaHome is null ? "the real Apache Kafka is not here (KAFKA_HOME)" : HasJava ? null : "java is not installed";

    public static string? NoKcat { get; } = OnPath("kcat") ? null : "kcat is not installed";

    /// <summary>Many tools in one JVM, and judges that come as source.</summary>
    public static string? NoJavaCompiler { get; } = OnPath("javac") ? NoKafkaTools : "javac is not installed";

    public static string? NoGoldenDataDir { get; } = GoldenHome is null ? "the golden data directories are not here (GOLDEN_HOME)" : NoJavaCompiler;

    /// <summary>Tests of the command line itself need our executable; the folder of another implementation does not hold it.</summary>
    public static string? NoBrokerExecutable { get; } =
        File.Exists(Path.Combine(BrokerHome, "kafka-broker")) ? null : "BROKER_HOME holds no kafka-broker executable";

    public static bool OnPath(string command) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Any(directory => File.Exists(Path.Combine(directory, command)));

    private static string Shared(string name) => Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", name));

    private static string? FirstDirectory(string marker, params string?[] candidates) =>
        candidates.FirstOrDefault(directory => directory is not null && Directory.Exists(Path.Combine(directory, marker)));

    private static string Metadata(string key) => typeof(Requirements).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}

/// <summary>Needs Apache Kafka's own tools.</summary>
internal sealed class KafkaToolsFactAttribute : FactAttribute
{
    public KafkaToolsFactAttribute() => Skip = Requirements.NoKafkaTools;
}

/// <summary>Needs Apache Kafka's own tools.</summary>
internal sealed class KafkaToolsTheoryAttribute : TheoryAttribute
{
    public KafkaToolsTheoryAttribute() => Skip = Requirements.NoKafkaTools;
}

/// <summary>Needs Apache Kafka's own tools in one JVM.</summary>
internal sealed class ToolSessionFactAttribute : FactAttribute
{
    public ToolSessionFactAttribute() => Skip = Requirements.NoJavaCompiler;
}

internal sealed class KcatFactAttribute : FactAttribute
{
    public KcatFactAttribute() => Skip = Requirements.NoKcat;
}

/// <summary>Needs the data directories that a real Apache Kafka left behind.</summary>
internal sealed class GoldenDataDirTheoryAttribute : TheoryAttribute
{
    public GoldenDataDirTheoryAttribute() => Skip = Requirements.NoGoldenDataDir;
}

/// <summary>Needs the data directories that a real Apache Kafka left behind.</summary>
internal sealed class GoldenDataDirFactAttribute : FactAttribute
{
    public GoldenDataDirFactAttribute() => Skip = Requirements.NoGoldenDataDir;
}

/// <summary>Needs our executable in BROKER_HOME.</summary>
internal sealed class BrokerExecutableFactAttribute : FactAttribute
{
    public BrokerExecutableFactAttribute() => Skip = Requirements.NoBrokerExecutable;
}
