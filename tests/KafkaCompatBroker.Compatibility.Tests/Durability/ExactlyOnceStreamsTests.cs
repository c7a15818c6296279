using System.Buffers.Binary;
using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>Kafka Streams with exactly_once_v2: its state, its output and its offsets move together although the broker is killed.</summary>
public sealed class ExactlyOnceStreamsTests
{
    private const string Input = "streams-plaintext-input";
    private const string Output = "streams-wordcount-output";
    private const int Kills = 2;
    private const int LinesPerRound = 60;
    private static readonly string[] Words = ["all", "streams", "lead"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [KafkaToolsFact]
    public async Task Every_count_comes_once_and_in_order()
    {
        using var scratch = new ScratchDirectory();
        using var node = new BrokerNode(["transaction.state.log.num.partitions=3", "offsets.topic.num.partitions=3"]);
        await node.FormatAsync();
        var process = await node.StartAsync();
        await ConfluentClients.CreateTopicAsync(node.Bootstrap, Input);
        await ConfluentClients.CreateTopicAsync(node.Bootstrap, Output);
        var properties = scratch.Write("streams.properties", string.Join('\n',
            $"bootstrap.servers={node.Bootstrap}", $"state.dir={scratch["state"]}", "processing.guarantee=exactly_once_v2", "commit.interval.ms=50", ""));

        await using (BackgroundTool.Start("kafka-run-class", "org.apache.kafka.streams.examples.wordcount.WordCountDemo", properties))
        {
            using var counts = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
            {
                BootstrapServers = node.Bootstrap,
                GroupId = "reader",
                EnableAutoCommit = false,
                IsolationLevel = IsolationLevel.ReadCommitted,
            }).Build();
            counts.Assign(new TopicPartitionOffset(Output, 0, 0));
            List<(string Word, long Count)> seen = [];
            for (var round = 1; round <= Kills + 1; round++)
            {
                await WriteLinesAsync(node.Bootstrap);
                var isLast = round > Kills;
                ReadUntil(counts, seen, isLast ? round * LinesPerRound * Words.Length : ((round - 1) * LinesPerRound * Words.Length) + 1);
                if (!isLast)
                {
                    await process.KillAsync();
                    await process.DisposeAsync();
                    process = await node.StartAsync();
                }
            }

            Assert.Null(counts.Consume(TimeSpan.FromSeconds(1)));
            foreach (var word in Words)
            {
                Assert.Equal(
                    Enumerable.Range(1, (Kills + 1) * LinesPerRound).Select(static count => (long)count),
                    seen.Where(one => one.Word == word).Select(static one => one.Count));
            }
        }

        await process.StopAsync();
        await process.DisposeAsync();
    }

    private static async Task WriteLinesAsync(string bootstrap)
    {
        using var producer = ConfluentClients.Producer(bootstrap);
        await Task.WhenAll(Enumerable.Range(0, LinesPerRound).Select(_ =>
            producer.ProduceAsync(Input, new Message<string, string> { Value = string.Join(' ', Words) })));
    }

    private static void ReadUntil(IConsumer<string, byte[]> consumer, List<(string Word, long Count)> seen, int count)
    {
        var until = DateTime.UtcNow + Limit;
        while (seen.Count < count)
        {
            Assert.True(DateTime.UtcNow < until, $"{seen.Count} counts of {count}");
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { } record)
            {
                seen.Add((record.Message.Key, BinaryPrimitives.ReadInt64BigEndian(record.Message.Value)));
            }
        }
    }
}
