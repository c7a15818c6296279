using System.Text.RegularExpressions;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Tools;

/// <summary>Tools that write, read, count and delete records.</summary>
[Collection(BrokerCollection.Name)]
public sealed partial class RecordToolTests(RunningBroker broker)
{
    [KafkaToolsFact]
    public async Task What_the_console_producer_writes_the_console_consumer_reads()
    {
        var topic = broker.NewTopicName("console");
        await KafkaTools.RunWithInputAsync("kafka-console-producer", "k1:one\nk2:two\nk3:three\n", "--bootstrap-server", broker.Bootstrap,
            "--topic", topic, "--compression-codec", "zstd", "--reader-property", "parse.key=true", "--reader-property", "key.separator=:");
        var read = await ToolAsync("kafka-console-consumer", "--topic", topic, "--partition", "0", "--offset", "1", "--max-messages", "2",
            "--timeout-ms", "20000", "--formatter-property", "print.key=true", "--formatter-property", "print.offset=true");
        Assert.Equal(["Offset:1\tk2\ttwo", "Offset:2\tk3\tthree"], read.Lines);
    }

    [KafkaToolsFact]
    public async Task The_performance_tool_fills_a_topic_and_the_offset_tools_see_and_trim_it()
    {
        var topic = broker.NewTopicName("perf");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic, partitions: 2);
        var performance = await ToolAsync("kafka-producer-perf-test", "--topic", topic, "--num-records", "20000", "--record-size", "100",
            "--throughput", "-1", "--command-property", "acks=all", "compression.type=lz4");
        Assert.Contains("20000 records sent", performance.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(20_000, await SumOfOffsetsAsync(topic, "latest"));

        using var scratch = new ScratchDirectory();
        var offsets = scratch.Write("offsets.json",
            $$"""{"version":1,"partitions":[{"topic":"{{topic}}","partition":0,"offset":10},{"topic":"{{topic}}","partition":1,"offset":20}]}""");
        var deleted = await ToolAsync("kafka-delete-records", "--offset-json-file", offsets);
        Assert.Contains($"partition: {topic}-1\tlow_watermark: 20", deleted.Output, StringComparison.Ordinal);
        Assert.Equal(30, await SumOfOffsetsAsync(topic, "earliest"));

        var directories = (await ToolAsync("kafka-log-dirs", "--describe", "--topic-list", topic)).Output;
        var sizes = SizeOfPartition().Matches(directories).Select(match => long.Parse(match.Groups[1].Value)).ToArray();
        Assert.Equal(2, sizes.Length);
        Assert.All(sizes, size => Assert.True(size > 0));
        Assert.Contains(broker.Node.DataDirectory, directories, StringComparison.Ordinal);
    }

    private async Task<long> SumOfOffsetsAsync(string topic, string time)
    {
        var result = await ToolAsync("kafka-get-offsets", "--topic", topic, "--time", time);
        return result.Lines.Sum(line => long.Parse(line.Split(':')[2]));
    }

    private Task<CommandResult> ToolAsync(string tool, params string[] arguments) =>
        KafkaTools.RunAsync(tool, ["--bootstrap-server", broker.Bootstrap, .. arguments]);

    [GeneratedRegex(@"""size"":(\d+)")]
    private static partial Regex SizeOfPartition();
}
