using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>Apache Kafka's tools and broker read what the broker wrote.</summary>
public sealed class FileFormatTests
{
    private const string Topic = "written-by-us";
    private const int Records = 3_000;

    [KafkaToolsFact]
    public async Task Every_file_is_accepted_by_the_dump_tool_and_the_metadata_shell()
    {
        using var node = new BrokerNode(["log.segment.bytes=1048576", "log.index.interval.bytes=256"]);
        await WriteAsync(node);

        var logs = FilesOf(node, Topic, "*.log");
        Assert.True(logs.Length > 1, "one segment only: the test is too small");
        var dump = await KafkaTools.RunAsync("kafka-dump-log", "--deep-iteration", "--print-data-log", "--files", string.Join(',', logs));
        Assert.Equal(Records, dump.Lines.Count(line => line.StartsWith("| offset:", StringComparison.Ordinal)));
        Assert.DoesNotContain("isvalid: false", dump.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Found ", dump.Output, StringComparison.Ordinal);

        var indexes = FilesOf(node, Topic, "*.index").Concat(FilesOf(node, Topic, "*.timeindex")).ToArray();
        var sanity = await KafkaTools.RunAsync("kafka-dump-log", "--index-sanity-check", "--files", string.Join(',', indexes));
        Assert.Equal(indexes.Length, sanity.Lines.Count(line => line.EndsWith("passed sanity check.", StringComparison.Ordinal)));
        var indexed = await KafkaTools.RunAsync("kafka-dump-log", "--files", string.Join(',', indexes));
        Assert.DoesNotContain("Mismatches", indexed.Output + indexed.Errors, StringComparison.Ordinal);

        var metadata = FilesOf(node, "__cluster_metadata", "*.log");
        var decoded = await KafkaTools.RunAsync("kafka-dump-log", "--cluster-metadata-decoder", "--files", string.Join(',', metadata));
        Assert.Contains($"\"type\":\"TOPIC_RECORD\",\"version\":0,\"data\":{{\"name\":\"{Topic}\"", decoded.Output, StringComparison.Ordinal);
        var shell = await KafkaTools.RunAsync("kafka-metadata-shell", "--snapshot", metadata[0], "ls", "/image/topics/byName");
        Assert.Contains(Topic, shell.Lines);
    }

    [KafkaToolsFact]
    public async Task The_real_Kafka_serves_the_directory_and_hands_it_back()
    {
        using var node = new BrokerNode(["log.segment.bytes=1048576"]);
        await WriteAsync(node);
        await using (var real = await node.StartAsync(Requirements.KafkaHome))
        {
            AssertRecords(node, Records);
            using var producer = ConfluentClients.Producer(node.Bootstrap);
            var report = await producer.ProduceAsync(Topic, new() { Value = Value(Records) });
            Assert.Equal(Records, report.Offset.Value);
            await real.StopAsync();
        }

        await using var ours = await node.StartAsync();
        AssertRecords(node, Records + 1);
        await ours.StopAsync();
    }

    private static async Task WriteAsync(BrokerNode node)
    {
        await using var broker = await node.FormatAndStartAsync();
        await ConfluentClients.CreateTopicAsync(node.Bootstrap, Topic, configs: new() { ["retention.ms"] = "-1" });
        using var producer = ConfluentClients.Producer(node.Bootstrap, config =>
        {
            config.EnableIdempotence = true;
            config.BatchNumMessages = 50;
        });
        for (var i = 0; i < Records; i++)
        {
            producer.Produce(Topic, new() { Key = $"{i}", Value = Value(i) });
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
        await broker.StopAsync();
    }

    private static void AssertRecords(BrokerNode node, int count) =>
        Assert.Equal(Enumerable.Range(0, count).Select(Value), ConfluentClients.Read(node.Bootstrap, Topic, 0, count).Select(r => r.Message.Value));

    private static string Value(int i) => $"{i}:" + new string((char)('a' + (i % 26)), 600);

    private static string[] FilesOf(BrokerNode node, string topic, string pattern) =>
        [.. Directory.GetFiles(Path.Combine(node.DataDirectory, topic + "-0"), pattern).Order(StringComparer.Ordinal)];
}
