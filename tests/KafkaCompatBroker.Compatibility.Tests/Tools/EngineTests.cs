using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Tools;

/// <summary>Kafka Connect and Kafka Streams, which use groups of their own kinds.</summary>
[Collection(BrokerCollection.Name)]
public sealed class EngineTests(RunningBroker broker)
{
    private static readonly string[] Words = ["all", "streams", "lead", "to", "kafka", "hello", "kafka", "streams"];

    [KafkaToolsFact]
    public async Task Connect_copies_a_file_through_a_topic()
    {
        using var scratch = new ScratchDirectory();
        var lines = Enumerable.Range(0, 100).Select(i => $"line {i}").ToArray();
        var source = scratch.Write("in.txt", string.Join('\n', lines) + "\n");
        var topic = broker.NewTopicName("connect");
        var worker = scratch.Write("worker.properties", string.Join('\n',
            $"bootstrap.servers={broker.Bootstrap}", "key.converter=org.apache.kafka.connect.storage.StringConverter",
            "value.converter=org.apache.kafka.connect.storage.StringConverter", $"offset.storage.file.filename={scratch["offsets"]}",
            "offset.flush.interval.ms=1000", $"listeners=http://localhost:{Ports.Next()}"));
        var reader = scratch.Write("source.properties", $"name={topic}-source\nconnector.class=FileStreamSource\ntasks.max=1\nfile={source}\ntopic={topic}\n");
        var writer = scratch.Write("sink.properties", $"name={topic}-sink\nconnector.class=FileStreamSink\ntasks.max=1\nfile={scratch["out.txt"]}\ntopics={topic}\n");

        await using (BackgroundTool.Start("connect-standalone.sh", worker, reader, writer))
        {
            await GroupMember.UntilAsync(() => LinesOf(scratch["out.txt"]).Length == lines.Length, () => $"{LinesOf(scratch["out.txt"]).Length} lines");
        }

        Assert.Equal(lines, LinesOf(scratch["out.txt"]));
        var groups = await KafkaTools.RunAsync("kafka-consumer-groups", "--bootstrap-server", broker.Bootstrap, "--describe", "--group", $"connect-{topic}-sink");
        Assert.Contains(topic, groups.Output, StringComparison.Ordinal);
    }

    [KafkaToolsFact]
    public async Task Streams_counts_words()
    {
        using var scratch = new ScratchDirectory();
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, "streams-plaintext-input");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, "streams-wordcount-output");
        var properties = scratch.Write("streams.properties", $"bootstrap.servers={broker.Bootstrap}\nstate.dir={scratch["state"]}\n");
        await KafkaTools.RunWithInputAsync("kafka-console-producer", string.Join(' ', Words) + "\n",
            "--bootstrap-server", broker.Bootstrap, "--topic", "streams-plaintext-input");

        await using (BackgroundTool.Start("kafka-run-class", "org.apache.kafka.streams.examples.wordcount.WordCountDemo", properties))
        {
            var counts = ConfluentClients.Read(broker.Bootstrap, "streams-wordcount-output", 0, Words.Length, configure: null);
            Assert.Equal(Words, counts.Select(record => record.Message.Key));
        }
    }

    private static string[] LinesOf(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];
}
