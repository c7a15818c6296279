using System.Runtime.CompilerServices;

namespace KafkaCompatBroker.Tidy.Tests;

/// <summary>The files of this repository as they lie on disk.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    public static IReadOnlyList<SourceFile> Sources { get; } = [.. FindFiles("*.cs", "src", "tests", "benchmarks").Select(path => new SourceFile(path))];

    /// <summary>Source files of the product, without tests and benchmarks.</summary>
    public static IEnumerable<SourceFile> ProductSources => Sources.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    /// <summary>Paths relative to the root, with forward slashes; build output is left out.</summary>
    public static IEnumerable<string> FindFiles(string pattern, params string[] folders) => folders
        .Select(folder => Path.Combine(Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static bool Exists(string path) => File.Exists(Path.Combine(Root, path));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
