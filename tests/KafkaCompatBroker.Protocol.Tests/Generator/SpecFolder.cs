using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Tests.Generator;

/// <summary>The specs of this repository, copied next to the tests.</summary>
internal static class SpecFolder
{
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "protocol-specs");

    public static IEnumerable<SpecFile> ParseAll() => Directory
        .EnumerateFiles(Root, "*.json", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .Select(path => SpecParser.Parse(path, File.ReadAllText(path)));

    public static string Read(string relativePath) => File.ReadAllText(Path.Combine(Root, relativePath));
}
