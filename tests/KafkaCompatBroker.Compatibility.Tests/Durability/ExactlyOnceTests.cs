using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>Read, process, write: whatever happens to the broker, each input record leads to exactly one output record.</summary>
public sealed class ExactlyOnceTests
{
    private const int Records = 4_000;
    private const int RecordsPerTransaction = 25;
    private const int Kills = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [ConfluentFact]
    public async Task Copy_is_exact_although_the_broker_is_killed_again_and_again()
    {
        using var node = new BrokerNode(["transaction.state.log.num.partitions=3", "offsets.topic.num.partitions=3"]);
        await node.FormatAsync();
        var process = await node.StartAsync();
        await ConfluentClients.CreateTopicAsync(node.Bootstrap, "in");
        await ConfluentClients.CreateTopicAsync(node.Bootstrap, "out", partitions: 2);
        using (var filler = ConfluentClients.Producer(node.Bootstrap))
        {
            await Task.WhenAll(Enumerable.Range(0, Records).Select(i => filler.ProduceAsync("in", new Message<string, string> { Value = $"{i}" })));
        }

        var copied = 0;
        var copy = Task.Run(() => Copy(node.Bootstrap, ref copied));
        for (var kill = 1; kill <= Kills; kill++)
        {
            while (!copy.IsCompleted && Volatile.Read(ref copied) < kill * Records / (Kills + 1))
            {
                await Task.Delay(5);
            }

            await process.KillAsync();
            await process.DisposeAsync();
            process = await node.StartAsync();
        }

        await copy;
        var seen = ReadCommitted(node.Bootstrap);
        Assert.Equal(Enumerable.Range(0, Records), seen.Order());
        await process.StopAsync();
        await process.DisposeAsync();
    }

    /// <summary>Copies all records; starts over with a new producer and the committed offset when a transaction cannot go on.</summary>
    private static void Copy(string bootstrap, ref int copied)
    {
        while (Volatile.Read(ref copied) < Records)
        {
            using var consumer = ConfluentClients.Consumer(bootstrap, config =>
            {
                config.GroupId = "copier";
                config.IsolationLevel = IsolationLevel.ReadCommitted;
            });
            using var producer = ConfluentClients.Producer(bootstrap, config =>
            {
                config.TransactionalId = "copier";
                config.TransactionTimeoutMs = 10_000;
                config.MessageTimeoutMs = 10_000;
            });
            try
            {
                producer.InitTransactions(Limit);
                var from = consumer.Committed([new TopicPartition("in", 0)], Limit).Single().Offset;
                var next = from == Offset.Unset ? 0 : from.Value;
                Volatile.Write(ref copied, (int)next);
                consumer.Assign(new TopicPartitionOffset("in", 0, next));
                while (next < Records)
                {
                    next = CopyOne(consumer, producer, next);
                    Volatile.Write(ref copied, (int)next);
                }
            }
            catch (KafkaException)
            {
                // What became of the transaction the committed offset tells.
            }
        }
    }

    private static long CopyOne(IConsumer<string, string> consumer, IProducer<string, string> producer, long from)
    {
        producer.BeginTransaction();
        var next = from;
        while (next < Math.Min(from + RecordsPerTransaction, Records))
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } record)
            {
                producer.Produce(new TopicPartition("out", (int)(record.Offset.Value % 2)), new Message<string, string> { Value = record.Message.Value });
                next = record.Offset.Value + 1;
            }
        }

        producer.SendOffsetsToTransaction([new TopicPartitionOffset("in", 0, next)], consumer.ConsumerGroupMetadata, Limit);
        for (;;)
        {
            try
            {
                producer.CommitTransaction(Limit);
                return next;
            }
            catch (KafkaRetriableException)
            {
                // Nobody knows yet; the same commit again.
            }
        }
    }

    private static List<int> ReadCommitted(string bootstrap)
    {
        using var consumer = ConfluentClients.Consumer(bootstrap, config =>
        {
            config.IsolationLevel = IsolationLevel.ReadCommitted;
            config.EnablePartitionEof = true;
        });
        consumer.Assign([new TopicPartitionOffset("out", 0, 0), new TopicPartitionOffset("out", 1, 0)]);
        List<int> values = [];
        for (var ends = 0; ends < 2;)
        {
            var record = consumer.Consume(Limit);
            if (record.IsPartitionEOF)
            {
                ends++;
            }
            else
            {
                values.Add(int.Parse(record.Message.Value, System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return values;
    }
}
