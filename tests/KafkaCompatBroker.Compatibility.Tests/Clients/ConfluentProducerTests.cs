using System.Text;
using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Clients;

[Collection(BrokerCollection.Name)]
public sealed class ConfluentProducerTests(RunningBroker broker)
{
    [ConfluentTheory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Compressed_records_come_back_as_they_were_sent(CompressionType codec)
    {
        var topic = broker.NewTopicName($"codec-{codec}".ToLowerInvariant());
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        using var producer = ConfluentClients.Producer(broker.Bootstrap, config => config.CompressionType = codec);
        for (var i = 0; i < 500; i++)
        {
            producer.Produce(topic, new Message<string, string> { Key = $"key-{i}", Value = Value(i) });
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
        var records = ConfluentClients.Read(broker.Bootstrap, topic, 0, 500);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => ((long)i, $"key-{i}", Value(i))), records.Select(r => (r.Offset.Value, r.Message.Key, r.Message.Value)));
    }

    [ConfluentFact]
    public async Task Headers_timestamps_and_null_values_survive()
    {
        var topic = broker.NewTopicName("details");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        using var producer = ConfluentClients.Producer(broker.Bootstrap);
        var time = new Timestamp(1_760_000_000_123, TimestampType.CreateTime);
        var report = await producer.ProduceAsync(topic, new Message<string, string>
        {
            Key = "tombstone",
            Value = null!,
            Timestamp = time,
            Headers = new Headers { { "trace", Encoding.UTF8.GetBytes("aß") }, { "empty", null } },
        });

        Assert.Equal(PersistenceStatus.Persisted, report.Status);
        var record = Assert.Single(ConfluentClients.Read(broker.Bootstrap, topic, 0, 1));
        Assert.Null(record.Message.Value);
        Assert.Equal(time.UnixTimestampMs, record.Message.Timestamp.UnixTimestampMs);
        Assert.Equal(TimestampType.CreateTime, record.Message.Timestamp.Type);
        Assert.Equal("aß", Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes("trace")));
        Assert.Null(record.Message.Headers.GetLastBytes("empty"));
    }

    [ConfluentFact]
    public async Task An_idempotent_producer_keeps_order_and_writes_each_record_once()
    {
        var topic = broker.NewTopicName("idempotent");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        using var producer = ConfluentClients.Producer(broker.Bootstrap, config =>
        {
            config.EnableIdempotence = true;
            config.BatchNumMessages = 20;
        });
        var reports = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(
            i => producer.ProduceAsync(new TopicPartition(topic, 0), new Message<string, string> { Value = i.ToString() })));

        Assert.Equal(Enumerable.Range(0, 2_000).Select(i => (long)i), reports.Select(report => report.Offset.Value));
        Assert.Equal(Enumerable.Range(0, 2_000).Select(i => i.ToString()), ConfluentClients.Read(broker.Bootstrap, topic, 0, 2_000).Select(r => r.Message.Value));
    }

    [ConfluentTheory]
    [InlineData(Acks.None)]
    [InlineData(Acks.Leader)]
    public async Task Weaker_acknowledgements_store_the_records_too(Acks acks)
    {
        var topic = broker.NewTopicName($"acks-{(int)acks}");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        using var producer = ConfluentClients.Producer(broker.Bootstrap, config => config.Acks = acks);
        for (var i = 0; i < 100; i++)
        {
            producer.Produce(topic, new Message<string, string> { Value = i.ToString() });
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
        Assert.Equal(100, ConfluentClients.Read(broker.Bootstrap, topic, 0, 100).Count);
    }

    [ConfluentFact]
    public async Task Producing_to_an_unknown_topic_creates_it()
    {
        var topic = broker.NewTopicName("automatic");
        using var producer = ConfluentClients.Producer(broker.Bootstrap);
        var report = await producer.ProduceAsync(topic, new Message<string, string> { Value = "first" });
        Assert.Equal((0, 0L), (report.Partition.Value, report.Offset.Value));
    }

    [ConfluentFact]
    public async Task A_record_above_the_topics_limit_is_refused_and_the_next_one_stored()
    {
        var topic = broker.NewTopicName("limited");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic, configs: new() { ["max.message.bytes"] = "2000" });
        using var producer = ConfluentClients.Producer(broker.Bootstrap);
        var refused = await Assert.ThrowsAsync<ProduceException<string, string>>(
            () => producer.ProduceAsync(topic, new Message<string, string> { Value = new string('x', 5_000) }));
        Assert.Equal(ErrorCode.MsgSizeTooLarge, refused.Error.Code);
        Assert.Equal(0, (await producer.ProduceAsync(topic, new Message<string, string> { Value = "small" })).Offset.Value);
    }

    private static string Value(int i) => $"value-{i}-" + new string((char)('a' + (i % 26)), 100);
}
