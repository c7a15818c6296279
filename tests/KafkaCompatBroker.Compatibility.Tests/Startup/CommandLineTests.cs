using System.Net;
using System.Net.Sockets;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Startup;

/// <summary>The folder's commands: what they print, and how they end.</summary>
public sealed class CommandLineTests
{
    private static readonly string Executable = Path.Combine(Requirements.BrokerHome, "kafka-broker");

    [BrokerExecutableFact]
    public async Task Version_and_help_fit_on_a_screen()
    {
        var version = (await CommandResult.RunAsync(Executable, ["--version"])).Succeeded();
        Assert.Matches(@"^KafkaCompatBroker \d+\.\d+\.\d+", Assert.Single(version.Lines));
        var help = (await CommandResult.RunAsync(Executable, ["--help"])).Succeeded();
        Assert.InRange(help.Lines.Count, 5, 24);
    }

    [BrokerExecutableFact]
    public async Task An_unknown_command_is_named_and_refused()
    {
        var result = await CommandResult.RunAsync(Executable, ["serve"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("'serve'", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [BrokerExecutableFact]
    public async Task Scripts_work_from_anywhere_and_through_symbolic_links()
    {
        using var scratch = new ScratchDirectory();
        File.CreateSymbolicLink(scratch["storage"], BrokerNode.Script("kafka-storage.sh"));
        File.CreateSymbolicLink(scratch["again"], "storage");
        var id = (await CommandResult.RunAsync("/usr/bin/env", ["./again", "random-uuid"], workingDirectory: scratch.Path)).Succeeded();
        Assert.Matches("^[A-Za-z0-9_-]{22}$", Assert.Single(id.Lines));
    }

    [BrokerExecutableFact]
    public async Task A_harness_may_start_it_by_the_names_of_Kafkas_classes()
    {
        using var node = new BrokerNode();
        var script = BrokerNode.Script("kafka-run-class.sh");
        (await CommandResult.RunAsync(
            script, ["kafka.tools.StorageTool", "format", "-t", BrokerNode.ClusterId, "-c", node.PropertiesFile, "--standalone"])).Succeeded();
        await using var broker = await BrokerProcess.StartAsync(script, ["-name", "kafkaServer", "-loggc", "kafka.Kafka", node.PropertiesFile]);
        await broker.StopAsync();

        var refused = await CommandResult.RunAsync(script, ["org.apache.kafka.tools.TopicCommand"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("TopicCommand", refused.Errors, StringComparison.Ordinal);
    }

    [BrokerExecutableFact]
    public async Task A_known_property_with_a_bad_value_stops_the_start_with_one_line()
    {
        using var node = new BrokerNode(["log.segment.bytes=lots"]);
        var line = await RefusedAsync(node, format: false);
        Assert.Contains("log.segment.bytes", line, StringComparison.Ordinal);
        Assert.Contains("lots", line, StringComparison.Ordinal);
    }

    [BrokerExecutableFact]
    public async Task A_value_out_of_range_names_the_range()
    {
        using var node = new BrokerNode(["num.io.threads=0"]);
        var line = await RefusedAsync(node, format: false);
        Assert.Contains("num.io.threads", line, StringComparison.Ordinal);
        Assert.Contains("at least 1", line, StringComparison.Ordinal);
    }

    [BrokerExecutableFact]
    public async Task A_missing_file_is_one_line()
    {
        var result = await CommandResult.RunAsync(BrokerNode.Script("kafka-server-start.sh"), ["/nowhere/server.properties"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("/nowhere/server.properties", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [BrokerExecutableFact]
    public async Task An_unformatted_directory_is_refused_with_the_command_that_formats_it()
    {
        using var node = new BrokerNode();
        var line = await RefusedAsync(node, format: false);
        Assert.Contains("kafka-storage.sh format", line, StringComparison.Ordinal);
        Assert.Contains(node.PropertiesFile, line, StringComparison.Ordinal);

        await using var formatted = await node.StartAsync(null, "--auto-format");
        await formatted.StopAsync();
    }

    [BrokerExecutableFact]
    public async Task A_directory_that_cannot_be_used_is_one_line()
    {
        using var scratch = new ScratchDirectory();
        using var node = new BrokerNode(dataDirectory: Path.Combine(scratch.Write("file", ""), "data"));
        Assert.Contains(node.DataDirectory, await RefusedAsync(node, format: false), StringComparison.Ordinal);
    }

    [BrokerExecutableFact]
    public async Task A_taken_port_is_one_line_that_names_it()
    {
        using var node = new BrokerNode();
        using var other = new TcpListener(IPAddress.Loopback, node.Port);
        other.Start();
        Assert.Contains($"{node.Port}", await RefusedAsync(node), StringComparison.Ordinal);
    }

    [BrokerExecutableFact]
    public async Task A_second_broker_on_the_same_directory_is_refused_and_the_first_serves_on()
    {
        using var node = new BrokerNode();
        await using var first = await node.FormatAndStartAsync();
        using var second = new BrokerNode(dataDirectory: node.DataDirectory);
        Assert.Contains(node.DataDirectory, await RefusedAsync(second, format: false), StringComparison.Ordinal);
        using var probe = new TcpClient("localhost", node.Port);
        Assert.True(probe.Connected);
        await first.StopAsync();
    }

    private static async Task<string> RefusedAsync(BrokerNode node, bool format = true)
    {
        if (format)
        {
            await node.FormatAsync();
        }

        var result = await CommandResult.RunAsync(BrokerNode.Script("kafka-server-start.sh"), [node.PropertiesFile]);
        Assert.Equal(1, result.ExitCode);
        return Assert.Single(result.Errors.TrimEnd().Split('\n'));
    }
}
