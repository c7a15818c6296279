using System.Diagnostics;
using System.Text.Json;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Tests.Formatting;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Tests.Quorum;

/// <summary>Metadata logs that Apache Kafka 4.3.1 left behind (GOLDEN_HOME, or ../shared/golden beside the repository).</summary>
public sealed class GoldenMetadataLogTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [GoldenTheory]
    [InlineData("clean")]
    [InlineData("killed")]
    public async Task Topics_and_features_are_those_of_the_manifest(string variant)
    {
        var properties = Unpack(variant);
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(GoldenTheoryAttribute.Home!, "data-dir", variant, "manifest.json")));
        for (var start = 0; start < 2; start++)
        {
            using var node = await MetadataNode.LeadAsync(properties);
            var expected = manifest.RootElement.GetProperty("topics").EnumerateObject().Select(topic => $"{topic.Name} {topic.Value.GetProperty("topicId").GetString()}");
            Assert.Equal(expected.Order(StringComparer.Ordinal), node.Machine.TopicIds.Select(topic => $"{topic.Key} {topic.Value}"));
            Assert.Equal(0, node.Log.KRaftVersion);
            Assert.Equal(6, node.Log.BootstrapRecords.OfType<FeatureLevelRecord>().Count());
            Assert.Equal(1, node.Machine.Resets);
        }
    }

    private Dictionary<string, string> Unpack(string variant)
    {
        var source = Path.Combine(GoldenTheoryAttribute.Home!, "data-dir", variant);
        using (var tar = Process.Start("tar", ["-xzf", Path.Combine(source, "data.tar.gz"), "-C", _root.Path]))
        {
            tar.WaitForExit();
            Assert.Equal(0, tar.ExitCode);
        }
        return File.ReadLines(Path.Combine(source, "config", "node-1.properties"))
            .Where(line => line.Contains('=', StringComparison.Ordinal))
            .ToDictionary(line => line[..line.IndexOf('=', StringComparison.Ordinal)], line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Replace("DATA_DIR", _root.Path, StringComparison.Ordinal));
    }
}

/// <summary>Needs the data directories that a real Apache Kafka left behind; skipped without them.</summary>
internal sealed class GoldenTheoryAttribute : TheoryAttribute
{
    public GoldenTheoryAttribute() => Skip = Home is null ? "the golden data directories are not here (GOLDEN_HOME)" : null;

    public static string? Home { get; } = new[] { Environment.GetEnvironmentVariable("GOLDEN_HOME"), BesideRepository() }
        .FirstOrDefault(directory => directory is not null && Directory.Exists(Path.Combine(directory, "data-dir")));

    private static string? BesideRepository()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "KafkaCompatBroker.sln"))) return Path.GetFullPath(Path.Combine(directory.FullName, "..", "shared", "golden"));
        return null;
    }
}
