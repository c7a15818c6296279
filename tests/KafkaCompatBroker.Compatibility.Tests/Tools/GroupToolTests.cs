using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Tools;

/// <summary>Kafka's tools for groups and their offsets, and those that look into the log behind them.</summary>
[Collection(BrokerCollection.Name)]
public sealed class GroupToolTests(RunningBroker broker)
{
    private const int Records = 60;
    private const int Partitions = 3;

    [KafkaToolsTheory]
    [InlineData("classic")]
    [InlineData("consumer")]
    public async Task Console_consumer_reads_everything_and_commits(string protocol)
    {
        var topic = await FilledTopicAsync("console");
        var read = await ToolAsync("kafka-console-consumer", "--topic", topic, "--group", topic, "--from-beginning", "--max-messages", $"{Records}",
            "--timeout-ms", "40000", "--command-property", $"group.protocol={protocol}");
        Assert.Equal(Enumerable.Range(0, Records).Select(i => $"{i}").Order(), read.Lines.Order());
        var offsets = await GroupsAsync("--describe", "--group", topic);
        Assert.Equal(Partitions, offsets.Lines.Count(line => line.Contains($" {Records / Partitions}              {Records / Partitions}", StringComparison.Ordinal)));
    }

    [KafkaToolsFact]
    public async Task Console_consumer_reads_without_any_option()
    {
        var topic = await FilledTopicAsync("plain");
        var read = await ToolAsync("kafka-console-consumer", "--topic", topic, "--from-beginning", "--max-messages", $"{Records}", "--timeout-ms", "40000");
        Assert.Equal(Records, read.Lines.Count);
    }

    [KafkaToolsTheory]
    [InlineData(GroupProtocol.Classic, "Classic", "range")]
    [InlineData(GroupProtocol.Consumer, "Consumer", "uniform")]
    public async Task Members_state_and_offsets_of_a_live_group_are_described(GroupProtocol protocol, string type, string assignor)
    {
        var topic = await FilledTopicAsync("described");
        await using var member = new GroupMember(broker.Bootstrap, topic, topic, protocol, config =>
        {
            config.ClientId = "described-client";
            config.PartitionAssignmentStrategy = protocol == GroupProtocol.Classic ? PartitionAssignmentStrategy.Range : null;
        });
        await member.UntilReadAsync(Records);

        var state = (await GroupsAsync("--describe", "--group", topic, "--state")).Lines[^1];
        Assert.Contains(assignor, state, StringComparison.Ordinal);
        Assert.Contains("Stable", state, StringComparison.Ordinal);
        var members = (await GroupsAsync("--describe", "--group", topic, "--members", "--verbose")).Lines[^1];
        Assert.Contains("described-client", members, StringComparison.Ordinal);
        Assert.Contains($"{topic}:0,1,2", members, StringComparison.Ordinal);
        Assert.Equal(Partitions, (await GroupsAsync("--describe", "--group", topic, "--offsets")).Lines.Count(line => line.Contains("described-client", StringComparison.Ordinal)));
        Assert.Contains((await ToolAsync("kafka-groups", "--list")).Lines, line => line.StartsWith(topic + " ", StringComparison.Ordinal) && line.Contains(type, StringComparison.Ordinal));
        Assert.Contains(topic, (await GroupsAsync("--list", "--type", type)).Output, StringComparison.Ordinal);
    }

    [KafkaToolsFact]
    public async Task Offsets_are_reset_in_every_form_and_deleted()
    {
        var topic = await FilledTopicAsync("reset");
        foreach (var (form, expected) in ((string[], long)[])
        [
            (["--to-earliest"], 0), (["--to-latest"], 20), (["--to-offset", "5"], 5), (["--shift-by", "7"], 12), (["--shift-by", "-2"], 10),
            (["--to-current"], 10), (["--to-datetime", "2001-01-01T00:00:00.000"], 0), (["--by-duration", "P1D"], 0),
        ])
        {
            var reset = await GroupsAsync(["--reset-offsets", "--group", topic, "--topic", $"{topic}:0,1", "--execute", .. form]);
            Assert.Equal(2, reset.Lines.Count(line => line.StartsWith(topic, StringComparison.Ordinal) && line.TrimEnd().EndsWith($" {expected}", StringComparison.Ordinal)));
        }

        using var scratch = new ScratchDirectory();
        var plan = scratch.Write("plan.csv", $"{topic},2,3\n{topic},1,4\n");
        await GroupsAsync("--reset-offsets", "--group", topic, "--from-file", plan, "--execute");
        Assert.Contains("Successful", (await GroupsAsync("--delete-offsets", "--group", topic, "--topic", $"{topic}:0")).Output, StringComparison.Ordinal);
        var left = (await GroupsAsync("--describe", "--group", topic)).Lines.Where(line => line.StartsWith(topic, StringComparison.Ordinal));
        Assert.Equal(["1:4", "2:3"], left.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(columns => $"{columns[2]}:{columns[3]}").Order());

        await GroupsAsync("--delete", "--group", topic);
        Assert.DoesNotContain(topic, (await GroupsAsync("--list")).Lines);
    }

    [KafkaToolsFact]
    public async Task Log_of_groups_is_decoded_by_the_formatters_of_Kafka()
    {
        var topic = await FilledTopicAsync("decoded");
        await using (var member = new GroupMember(broker.Bootstrap, topic, topic, GroupProtocol.Classic))
        {
            await member.UntilReadAsync(Records);
        }

        foreach (var formatter in (string[])["OffsetsMessageFormatter", "GroupMetadataMessageFormatter"])
        {
            var consumed = await CommandResult.RunAsync(
                Path.Combine(Requirements.KafkaHome!, "bin", "kafka-console-consumer.sh"),
                ["--bootstrap-server", broker.Bootstrap, "--topic", "__consumer_offsets", "--from-beginning", "--timeout-ms", "6000",
                    "--formatter", $"org.apache.kafka.tools.consumer.{formatter}"]);
            Assert.Contains($"\"group\":\"{topic}\"", consumed.Output, StringComparison.Ordinal);
        }
    }

    [KafkaToolsFact]
    public async Task Log_of_groups_is_dumped_after_a_stop()
    {
        // While a broker runs, the file that it appends to ends in zeros, which the tool takes for damage.
        using var node = new BrokerNode(["offsets.topic.num.partitions=1"]);
        await using (var process = await node.FormatAndStartAsync())
        {
            await ConfluentClients.CreateTopicAsync(node.Bootstrap, "dumped");
            await using (var member = new GroupMember(node.Bootstrap, "dumper", "dumped", GroupProtocol.Classic))
            {
                await member.UntilOwnsAsync(1);
                member.Consumer.Commit([new TopicPartitionOffset("dumped", 0, 0)]);
            }

            await process.StopAsync();
        }

        var log = Path.Combine(node.DataDirectory, "__consumer_offsets-0", "00000000000000000000.log");
        var dumped = await KafkaTools.RunAsync("kafka-dump-log", "--offsets-decoder", "--files", log);
        Assert.Contains("\"group\":\"dumper\",\"topic\":\"dumped\",\"partition\":0", dumped.Output, StringComparison.Ordinal);
        Assert.Contains("\"assignedPartitions\":[{\"topic\":\"dumped\"", dumped.Output, StringComparison.Ordinal);
    }

    private async Task<string> FilledTopicAsync(string subject)
    {
        var topic = broker.NewTopicName(subject);
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic, Partitions);
        using var producer = ConfluentClients.Producer(broker.Bootstrap);
        await Task.WhenAll(Enumerable.Range(0, Records).Select(i =>
            producer.ProduceAsync(new TopicPartition(topic, i % Partitions), new Message<string, string> { Value = $"{i}" })));
        return topic;
    }

    private Task<CommandResult> GroupsAsync(params string[] arguments) => ToolAsync("kafka-consumer-groups", arguments);

    private Task<CommandResult> ToolAsync(string tool, params string[] arguments) =>
        KafkaTools.RunAsync(tool, ["--bootstrap-server", broker.Bootstrap, .. arguments]);
}
