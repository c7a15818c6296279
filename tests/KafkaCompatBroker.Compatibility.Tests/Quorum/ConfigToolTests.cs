using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>kafka-configs and kafka-client-metrics on three nodes, and what of it stands in the metadata log.</summary>
[Collection(AdministeredCollection.Name)]
public sealed class ConfigToolTests(AdministeredCluster cluster)
{
    private string[] ByBroker => ["--bootstrap-server", cluster.Nodes.Bootstrap(2)];

    private string[] ByController => ["--bootstrap-controller", cluster.Nodes.Controller(3)];

    [ToolSessionFact]
    public async Task Everything_configurable_is_set_described_taken_back_and_found_in_the_log()
    {
        await CredentialsAsync();
        await QuotasAsync();
        await ClientMetricsAsync();
        await BrokersAsync();
        await RunAsync("kafka-topics", [.. ByBroker, "--create", "--topic", "shown", "--replica-assignment", "3:2"]);
        await ReadMetadataAsync();
    }

    private async Task CredentialsAsync()
    {
        await AlterAsync("SCRAM-SHA-256=[iterations=8192,password=secret]", "--entity-type", "users", "--entity-name", "alice");
        await AlterAsync("SCRAM-SHA-512=[password=secret]", "--entity-type", "users", "--entity-name", "alice");
        Assert.Contains("'alice' are SCRAM-SHA-256=iterations=8192, SCRAM-SHA-512=iterations=4096", await DescribeAsync("--entity-type", "users", "--entity-name", "alice"), StringComparison.Ordinal);
        Assert.Contains("cannot be altered twice", await cluster.Tools.FailAsync("kafka-configs", [.. ByBroker, "--alter", "--add-config", "SCRAM-SHA-256=[password=x],SCRAM-SHA-512=[password=x]", "--entity-type", "users", "--entity-name", "bob"]), StringComparison.Ordinal);
        await RunAsync("kafka-configs", [.. ByBroker, "--alter", "--delete-config", "SCRAM-SHA-512", "--entity-type", "users", "--entity-name", "alice"]);
        Assert.EndsWith("'alice' are SCRAM-SHA-256=iterations=8192", (await DescribeAsync("--entity-type", "users", "--entity-name", "alice")).Trim(), StringComparison.Ordinal);
    }

    private async Task QuotasAsync()
    {
        await AlterAsync("producer_byte_rate=1024,request_percentage=50.5", "--entity-type", "users", "--entity-name", "alice", "--entity-type", "clients", "--entity-name", "app");
        await AlterAsync("consumer_byte_rate=2048", "--entity-type", "clients", "--entity-default");
        await AlterAsync("connection_creation_rate=100", "--entity-type", "ips", "--entity-name", "127.0.0.9");
        Assert.Contains("request_percentage=50.5", await DescribeAsync("--entity-type", "users", "--entity-type", "clients"), StringComparison.Ordinal);
        Assert.Contains("default client-id are consumer_byte_rate=2048.0", await DescribeAsync("--entity-type", "clients"), StringComparison.Ordinal);
        Assert.Contains("'127.0.0.9' are connection_creation_rate=100.0", await DescribeAsync("--entity-type", "ips"), StringComparison.Ordinal);
        await RunAsync("kafka-configs", [.. ByBroker, "--alter", "--delete-config", "connection_creation_rate", "--entity-type", "ips", "--entity-name", "127.0.0.9"]);
        Assert.DoesNotContain("127.0.0.9", await DescribeAsync("--entity-type", "ips"), StringComparison.Ordinal);
    }

    private async Task ClientMetricsAsync()
    {
        await AlterAsync("metrics=org.apache.kafka.producer.,interval.ms=5000,match=[client_id=a.*]", "--entity-type", "client-metrics", "--entity-name", "by-configs");
        await RunAsync("kafka-client-metrics", [.. ByBroker, "--alter", "--name", "by-metrics", "--metrics", "org.apache.kafka.consumer.", "--interval", "10000"]);
        Assert.Equal(["by-configs", "by-metrics"], (await RunAsync("kafka-client-metrics", [.. ByBroker, "--list"])).Lines.Order());
        Assert.Contains("interval.ms=5000", (await RunAsync("kafka-client-metrics", [.. ByBroker, "--describe", "--name", "by-configs"])).Output, StringComparison.Ordinal);
        await RunAsync("kafka-client-metrics", [.. ByBroker, "--delete", "--name", "by-metrics"]);
        Assert.Equal(["by-configs"], (await RunAsync("kafka-client-metrics", [.. ByBroker, "--list"])).Lines);
    }

    private async Task BrokersAsync()
    {
        await AlterAsync("log.cleaner.threads=2", "--entity-type", "brokers", "--entity-name", "3");
        await RunAsync("kafka-configs", [.. ByController, "--alter", "--add-config", "log.retention.ms=100000000", "--entity-type", "brokers", "--entity-default"]);
        Assert.Contains("log.cleaner.threads=2 ", await DescribeAsync("--entity-type", "brokers", "--entity-name", "3"), StringComparison.Ordinal);
        Assert.Contains("log.retention.ms=100000000 ", await DescribeAsync("--entity-type", "brokers", "--entity-default"), StringComparison.Ordinal);
        Assert.Contains("Cannot update these configs dynamically", await cluster.Tools.FailAsync("kafka-configs", [.. ByBroker, "--alter", "--add-config", "node.id=7", "--entity-type", "brokers", "--entity-name", "1"]), StringComparison.Ordinal);
    }

    /// <summary>Apache Kafka's shell reads what a node wrote, once that node has it too.</summary>
    private async Task ReadMetadataAsync()
    {
        // The shell locks the directory of what it reads, and a node that runs holds that lock.
        var log = cluster.Nodes.Write("00000000000000000000.log", "");
        var shown = "";
        for (var until = DateTime.UtcNow.AddSeconds(60); DateTime.UtcNow < until && !shown.Contains("shown", StringComparison.Ordinal);)
        {
            File.Copy(Path.Combine(cluster.Nodes.DataDirectory(1), "__cluster_metadata-0", Path.GetFileName(log)), log, overwrite: true);
            shown = await ShellAsync(log, "ls", "/image/topics/byName");
        }

        Assert.Contains("replicas=[3, 2]", await ShellAsync(log, "cat", "/image/topics/byName/shown/0"), StringComparison.Ordinal);
        Assert.Contains("alice", await ShellAsync(log, "ls", "/image/scram/SCRAM-SHA-256"), StringComparison.Ordinal);
    }

    // In a JVM of its own: now and then the shell does not end another time.
    private static async Task<string> ShellAsync(string file, params string[] command) =>
        (await KafkaTools.RunAsync("kafka-metadata-shell", ["--snapshot", file, .. command])).Output;

    private Task AlterAsync(string configs, params string[] entity) => RunAsync("kafka-configs", [.. ByBroker, "--alter", "--add-config", configs, .. entity]);

    private async Task<string> DescribeAsync(params string[] entity) => (await RunAsync("kafka-configs", [.. ByBroker, "--describe", .. entity])).Output;

    private Task<CommandResult> RunAsync(string tool, params string[] arguments) => cluster.Tools.RunAsync(tool, arguments);
}
