using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>Voters come and go by Apache Kafka's tools (KIP-853, KIP-996), and by their own choice.</summary>
public sealed class VoterToolTests
{
    [ToolSessionFact]
    public async Task Voters_are_added_and_removed_and_replace_themselves_after_the_loss_of_their_disk()
    {
        await using var cluster = await DynamicCluster.StartAsync();
        await using var tools = await ToolSession.StartAsync();
        await cluster.FormatLateNodeAsync(4);
        await cluster.StartAsync(4);
        Assert.Contains("Observer", (await ReplicaAsync(cluster, tools, 4)).Single(), StringComparison.Ordinal);
        string[] add = ["--command-config", cluster.PropertiesFile(4), "--bootstrap-controller", cluster.Controller(), "add-controller"];
        Assert.Contains("Added controller 4 with directory id", (await tools.RunAsync("kafka-metadata-quorum", add)).Output, StringComparison.Ordinal);
        Assert.Contains("DuplicateVoterException", await tools.FailAsync("kafka-metadata-quorum", add), StringComparison.Ordinal);

        var first = await LeaderAsync(cluster, tools);
        Assert.Contains("VoterNotFoundException", await tools.FailAsync("kafka-metadata-quorum", Remove(cluster, first, DynamicCluster.DirectoryId(9))), StringComparison.Ordinal);
        await tools.RunAsync("kafka-metadata-quorum", Remove(cluster, first, DynamicCluster.DirectoryId(first)));
        var second = await LeaderAsync(cluster, tools);
        Assert.NotEqual(first, second);
        await UntilAsync(async () => await ReplicaAsync(cluster, tools, first) is [var only] && only.Contains("Observer", StringComparison.Ordinal));
        await tools.RunAsync("kafka-topics", "--bootstrap-server", cluster.Bootstrap(first), "--create", "--topic", "after-removal", "--replica-assignment", "4");

        // An emptied directory is refused until it is formatted; then it is another replica, which takes the place of the lost one.
        await cluster.StopAsync(4);
        var lost = await DirectoryIdAsync(cluster, 4);
        Directory.Delete(cluster.DataDirectory(4), recursive: true);
        var refused = await CommandResult.RunAsync(BrokerNode.Script("kafka-server-start.sh"), [cluster.PropertiesFile(4)]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("is not formatted", refused.Errors, StringComparison.Ordinal);
        await cluster.FormatLateNodeAsync(4, "controller.quorum.auto.join.enable=true");
        await cluster.StartAsync(4);
        await UntilAsync(async () => (await ReplicaAsync(cluster, tools, 4)).Any(line => !line.Contains(lost, StringComparison.Ordinal) && !line.Contains("Observer", StringComparison.Ordinal)));

        await tools.RunAsync("kafka-cluster", "unregister", "--bootstrap-server", cluster.Bootstrap(second), "--id", "4");
        Assert.DoesNotMatch(@"\n4\s", (await tools.RunAsync("kafka-cluster", "list-endpoints", "--bootstrap-server", cluster.Bootstrap(second), "--include-fenced-brokers")).Output);
    }

    [ToolSessionFact]
    public async Task A_cluster_of_an_older_release_is_upgraded_to_recorded_voters()
    {
        await using var cluster = await DynamicCluster.StartAsync(staticVoters: true, "--release-version", "4.0");
        await using var tools = await ToolSession.StartAsync();
        string[] features = ["--bootstrap-server", cluster.Bootstrap(2)];
        Assert.Matches(@"kraft\.version\s.*FinalizedVersionLevel: 0\s", (await tools.RunAsync("kafka-features", [.. features, "describe"])).Output);
        Assert.Contains("UnsupportedVersionException", await tools.FailAsync("kafka-metadata-quorum", Remove(cluster, 1, DynamicCluster.DirectoryId(1))), StringComparison.Ordinal);
        await UntilAsync(async () => (await tools.TryAsync("kafka-features", [.. features, "upgrade", "--feature", "kraft.version=1"])).ExitCode == 0);
        Assert.Matches(@"kraft\.version\s.*FinalizedVersionLevel: 1\s", (await tools.RunAsync("kafka-features", [.. features, "describe"])).Output);

        await tools.RunAsync("kafka-features", [.. features, "upgrade", "--feature", "metadata.version=29"]);
        await tools.RunAsync("kafka-features", [.. features, "downgrade", "--feature", "metadata.version=27"]);
        await tools.RunAsync("kafka-features", [.. features, "upgrade", "--release-version", "4.4"]);
        Assert.Matches(@"metadata\.version\s.*FinalizedVersionLevel: 4\.4-IV2\s", (await tools.RunAsync("kafka-features", [.. features, "describe"])).Output);

        var leader = await LeaderAsync(cluster, tools);
        await tools.RunAsync("kafka-metadata-quorum", Remove(cluster, leader, await DirectoryIdAsync(cluster, leader)));
        Assert.NotEqual(leader, await LeaderAsync(cluster, tools));
        await cluster.StopAsync(leader);
        await cluster.StartAsync(leader);
        await UntilAsync(async () => await ReplicaAsync(cluster, tools, leader) is [var only] && only.Contains("Observer", StringComparison.Ordinal));
    }

    private static string[] Remove(DynamicCluster cluster, int id, string directory) =>
        ["--bootstrap-server", cluster.Bootstrap(3), "remove-controller", "--controller-id", $"{id}", "--controller-directory-id", directory];

    private static async Task<string> DirectoryIdAsync(DynamicCluster cluster, int id) =>
        (await File.ReadAllLinesAsync(Path.Combine(cluster.DataDirectory(id), "meta.properties"))).Single(static line => line.StartsWith("directory.id=", StringComparison.Ordinal))[13..];

    private static async Task<int> LeaderAsync(DynamicCluster cluster, ToolSession tools)
    {
        var replicas = await tools.RunAsync("kafka-metadata-quorum", "--bootstrap-server", cluster.Bootstrap(3), "describe", "--replication");
        return replicas.Lines.Single(static line => line.Contains("Leader  ", StringComparison.Ordinal))[0] - '0';
    }

    /// <summary>The lines about a node, one for each of its directories.</summary>
    private static async Task<string[]> ReplicaAsync(DynamicCluster cluster, ToolSession tools, int id)
    {
        var replicas = await tools.RunAsync("kafka-metadata-quorum", "--bootstrap-server", cluster.Bootstrap(3), "describe", "--replication");
        return [.. replicas.Lines.Where(line => line.StartsWith($"{id} ", StringComparison.Ordinal))];
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var until = DateTime.UtcNow.AddSeconds(60); DateTime.UtcNow < until; await Task.Delay(200))
        {
            if (await isSo()) return;
        }

        Assert.Fail("It did not come to pass within 60 s.");
    }
}
