using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>Data directories that a real Apache Kafka left behind are served in place.</summary>
public sealed class GoldenDataDirTests
{
    [GoldenDataDirTheory]
    [InlineData("clean")]
    [InlineData("killed")]
    public async Task A_directory_of_the_real_Kafka_is_served_as_its_manifest_says(string variant)
    {
        using var scratch = new ScratchDirectory();
        var golden = Path.Combine(Requirements.GoldenHome!, "data-dir");
        var unpack = await CommandResult.RunAsync("tar", ["-xzf", Path.Combine(golden, variant, "data.tar.gz"), "-C", scratch.Path]);
        unpack.Succeeded();
        var properties = await File.ReadAllTextAsync(Path.Combine(golden, variant, "config", "node-1.properties"));
        using var node = new BrokerNode(
            [.. OwnProperties(properties), "log.cleaner.enable=false"], scratch["1"], staticVoters: true);

        var started = DateTime.UtcNow;
        await using var broker = await node.StartAsync();
        var verdict = await VerifyAsync(golden, Path.Combine(golden, variant, "manifest.json"), node.Bootstrap, "--write");
        Assert.True(verdict.ExitCode == 0, verdict.Output + verdict.Errors);
        await ShareGroupIsDeletedAsync(node.Bootstrap);
        await broker.StopAsync();
        await SnapshotIsReadByTheShellAsync(scratch[Path.Combine("1", "__cluster_metadata-0")], started);
    }

    private static async Task SnapshotIsReadByTheShellAsync(string directory, DateTime writtenAfter)
    {
        var snapshot = new DirectoryInfo(directory).GetFiles("*.checkpoint").OrderByDescending(static file => file.Name).First();
        Assert.True(snapshot.LastWriteTimeUtc > writtenAfter, "the broker has written no snapshot of its own");
        var shell = await KafkaTools.RunAsync("kafka-metadata-shell", "--snapshot", snapshot.FullName, "cat", "/image/topics/byName/codec-lz4/name");
        Assert.Contains("codec-lz4", shell.Output, StringComparison.Ordinal);
    }

    private static async Task ShareGroupIsDeletedAsync(string bootstrap)
    {
        var delete = await KafkaTools.RunAsync("kafka-share-groups", "--bootstrap-server", bootstrap, "--delete", "--group", "share-group");
        Assert.Contains("Deletion of requested share groups ('share-group') was successful.", delete.Output, StringComparison.Ordinal);
        var list = await KafkaTools.RunAsync("kafka-share-groups", "--bootstrap-server", bootstrap, "--list");
        Assert.DoesNotContain("share-group", list.Output, StringComparison.Ordinal);
    }

    [GoldenDataDirFact]
    public async Task Three_directories_of_the_real_Kafka_are_one_cluster_as_their_manifest_says()
    {
        using var scratch = new ScratchDirectory();
        var golden = Path.Combine(Requirements.GoldenHome!, "data-dir");
        (await CommandResult.RunAsync("tar", ["-xzf", Path.Combine(golden, "three-nodes", "data.tar.gz"), "-C", scratch.Path])).Succeeded();
        int[] ports = [.. Enumerable.Range(0, 6).Select(static _ => Ports.Next())];
        for (int id = 1; id <= 3; id++)
        {
            var properties = await File.ReadAllTextAsync(Path.Combine(golden, "three-nodes", "config", $"node-{id}.properties"));
            for (int node = 0; node < 3; node++)
                properties = properties.Replace($":2830{node}", $":{ports[node]}", StringComparison.Ordinal).Replace($":2831{node}", $":{ports[node + 3]}", StringComparison.Ordinal);
            scratch.Write($"{id}.properties", properties.Replace("DATA_DIR", scratch.Path, StringComparison.Ordinal) + "\nlog.cleaner.enable=false\n");
        }

        var nodes = await Task.WhenAll(Enumerable.Range(1, 3).Select(id => BrokerProcess.StartAsync(BrokerNode.Script("kafka-server-start.sh"), [scratch[$"{id}.properties"]])));
        try
        {
            // What is written would have to be replicated.
            var verdict = await VerifyAsync(golden, Path.Combine(golden, "three-nodes", "manifest.json"), $"localhost:{ports[1]}");
            Assert.True(verdict.ExitCode == 0, verdict.Output + verdict.Errors);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    /// <summary>All but what depends on the ports and the place that the directory was written at.</summary>
    private static IEnumerable<string> OwnProperties(string properties) => properties.Split('\n').Where(line =>
        !line.StartsWith("controller.quorum", StringComparison.Ordinal) && !line.Contains("listeners=", StringComparison.Ordinal)
        && !line.StartsWith("log.dirs", StringComparison.Ordinal));

    private static async Task<CommandResult> VerifyAsync(string golden, string manifest, string bootstrap, params string[] options)
    {
        using var classes = new ScratchDirectory();
        var verifier = Path.Combine(golden, "verifier");
        var libraries = Path.Combine(Requirements.KafkaHome!, "libs", "*");
        string[] sources = [.. Directory.GetFiles(verifier, "*.java").Where(file => Path.GetFileName(file) is "Json.java" or "Raw.java" or "DataDir.java")];
        var compile = await CommandResult.RunAsync("javac", ["-nowarn", "-Xlint:none", "-cp", libraries, "-d", classes.Path, .. sources]);
        compile.Succeeded();
        return await CommandResult.RunAsync("java",
            ["-Xmx256M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", $"{classes.Path}:{libraries}", "DataDir", "verify", bootstrap, manifest, .. options]);
    }
}
