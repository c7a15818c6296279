using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Confluent.Kafka clients as the tests use them: no groups, partitions assigned by hand.</summary>
internal static class ConfluentClients
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static IProducer<string, string> Producer(string bootstrap, Action<ProducerConfig>? configure = null)
    {
        var config = new ProducerConfig { BootstrapServers = bootstrap, Acks = Acks.All, LingerMs = 5, MessageTimeoutMs = 20_000 };
        configure?.Invoke(config);
        return new ProducerBuilder<string, string>(config).SetLogHandler((_, _) => { }).Build();
    }

    public static IAdminClient Admin(string bootstrap) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).SetLogHandler((_, _) => { }).Build();

    public static async Task CreateTopicAsync(string bootstrap, string topic, int partitions = 1, Dictionary<string, string>? configs = null)
    {
        using var admin = Admin(bootstrap);
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = configs }]);
    }

    /// <summary>Reads from an offset until there are <paramref name="count"/> records; fewer within 30 s fail the test.</summary>
    public static List<ConsumeResult<string, string>> Read(
        string bootstrap, string topic, int partition, int count, long from = 0, Action<ConsumerConfig>? configure = null)
    {
        using var consumer = Consumer(bootstrap, configure);
        consumer.Assign(new TopicPartitionOffset(topic, partition, from));
        var records = new List<ConsumeResult<string, string>>();
        var until = DateTime.UtcNow + Limit;
        while (records.Count < count && DateTime.UtcNow < until)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { } record)
            {
                records.Add(record);
            }
        }

        Assert.True(records.Count >= count, $"{records.Count} of {count} records of {topic}-{partition} from {from} came within {Limit.TotalSeconds} s");
        return records;
    }

    public static IConsumer<string, string> Consumer(string bootstrap, Action<ConsumerConfig>? configure = null)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "assigned-by-hand",
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error,
        };
        configure?.Invoke(config);
        return new ConsumerBuilder<string, string>(config).SetLogHandler((_, _) => { }).Build();
    }
}
