using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Startup;

/// <summary>How a node starts, says so, and stops.</summary>
public sealed class LifecycleTests
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    [BrokerExecutableFact]
    public async Task Zero_configuration_formats_an_empty_directory_and_reuses_it()
    {
        using var scratch = new ScratchDirectory();
        var cluster = await RunInAsync(scratch);
        Assert.Equal(cluster, await RunInAsync(scratch));
    }

    [BrokerExecutableFact]
    public async Task Standard_output_holds_the_lines_that_harnesses_wait_for_one_event_a_line()
    {
        using var node = new BrokerNode();
        await using var broker = await node.FormatAndStartAsync();
        await broker.StopAsync();
        Assert.Contains(broker.Output, line => line.Contains("Transitioning from RECOVERY to RUNNING", StringComparison.Ordinal));
        Assert.Contains(broker.Output, line => line.Contains("[KafkaRaftServer nodeId=1] Kafka Server started", StringComparison.Ordinal));
        Assert.All(broker.Output, line => Assert.Matches(@"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] (DEBUG|INFO|WARN|ERROR) .+ \(\S+\)$", line));
        Assert.Empty(broker.Errors);
    }

    [BrokerExecutableFact]
    public async Task An_unknown_property_warns_and_overrides_win_over_the_file()
    {
        using var node = new BrokerNode(["no.such.property=1", "node.id=7"]);
        await node.FormatAsync();
        await using var broker = await node.StartAsync(null, "--override", "num.partitions=3");
        await broker.StopAsync();
        Assert.Contains(broker.Output, line => line.Contains(" WARN ", StringComparison.Ordinal) && line.Contains("no.such.property", StringComparison.Ordinal));
        Assert.Contains(broker.Output, line => line.Contains("nodeId=7", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Terminate)]
    [InlineData(Interrupt)]
    public async Task A_signal_shuts_down_in_order(int signal)
    {
        using var node = new BrokerNode();
        await using var broker = await node.FormatAndStartAsync();
        await broker.StopAsync(signal);
        Assert.True(File.Exists(Path.Combine(node.DataDirectory, ".kafka_cleanshutdown")));
    }

    [BrokerExecutableFact]
    public async Task A_signal_ends_a_node_that_waits_for_a_quorum()
    {
        using var node = new BrokerNode(["controller.quorum.voters=1@localhost:23001,2@localhost:1,3@localhost:2"], staticVoters: true);
        (await CommandResult.RunAsync(BrokerNode.Script("kafka-storage.sh"), ["format", "-t", BrokerNode.ClusterId, "-c", node.PropertiesFile])).Succeeded();
        await using var broker = await BrokerProcess.StartAsync(
            BrokerNode.Script("kafka-server-start.sh"), [node.PropertiesFile], awaited: "Transition from STARTING to STARTED");
        await broker.StopAsync();
        Assert.Contains(broker.Output, static line => line.Contains("Kafka Server stopped", StringComparison.Ordinal));
        Assert.DoesNotContain(broker.Output, static line => line.Contains(" ERROR ", StringComparison.Ordinal));
    }

    [BrokerExecutableFact]
    public async Task The_daemon_starts_in_the_background_and_the_stop_script_finds_it_by_node()
    {
        using var node = new BrokerNode(["node.id=41"]);
        await node.FormatAsync();
        using var logs = new ScratchDirectory();
        var start = await CommandResult.RunAsync(
            BrokerNode.Script("kafka-server-start.sh"), ["-daemon", node.PropertiesFile], environment: new Dictionary<string, string> { ["LOG_DIR"] = logs.Path });
        start.Succeeded();
        await WaitForLineAsync(logs["kafkaServer.out"], "Kafka Server started");

        var other = await CommandResult.RunAsync(BrokerNode.Script("kafka-server-stop.sh"), ["--node-id=42"]);
        Assert.Equal((1, "No kafka server to stop\n"), (other.ExitCode, other.Output));
        (await CommandResult.RunAsync(BrokerNode.Script("kafka-server-stop.sh"), ["--node-id", "41"])).Succeeded();
        await WaitForLineAsync(logs["kafkaServer.out"], "Kafka Server stopped");
    }

    private static async Task<string> RunInAsync(ScratchDirectory scratch)
    {
        var (port, controller) = (Ports.Next(), Ports.Next());
        await using var broker = await BrokerProcess.StartAsync("/usr/bin/env",
            [
                $"KAFKA_LISTENERS=PLAINTEXT://localhost:{port},CONTROLLER://localhost:{controller}",
                $"KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://localhost:{port}",
                $"KAFKA_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS=localhost:{controller}",
                Path.Combine(Requirements.BrokerHome, "kafka-broker"),
            ],
            scratch.Path);
        await broker.StopAsync();
        Assert.Contains(broker.Output, line => line.Contains($"localhost:{port}", StringComparison.Ordinal) && line.Contains(scratch["data"], StringComparison.Ordinal));
        return (await File.ReadAllLinesAsync(Path.Combine(scratch["data"], "meta.properties"))).Single(line => line.StartsWith("cluster.id=", StringComparison.Ordinal));
    }

    private static async Task WaitForLineAsync(string file, string text)
    {
        for (var until = DateTime.UtcNow.AddSeconds(30); DateTime.UtcNow < until; await Task.Delay(50))
        {
            if (File.Exists(file) && (await File.ReadAllTextAsync(file)).Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"'{text}' does not come:\n{(File.Exists(file) ? await File.ReadAllTextAsync(file) : "no file")}");
    }
}
