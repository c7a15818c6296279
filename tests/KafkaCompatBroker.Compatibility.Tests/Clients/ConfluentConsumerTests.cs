using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Clients;

[Collection(BrokerCollection.Name)]
public sealed class ConfluentConsumerTests(RunningBroker broker)
{
    private const long FirstMs = 1_760_000_000_000;

    [ConfluentFact]
    public async Task Every_partition_is_read_from_the_offset_asked_for()
    {
        var topic = broker.NewTopicName("partitions");
        await FillAsync(topic, partitions: 3, records: 50);
        for (var partition = 0; partition < 3; partition++)
        {
            var records = ConfluentClients.Read(broker.Bootstrap, topic, partition, 30, from: 20);
            Assert.Equal(Enumerable.Range(20, 30).Select(i => (long)i), records.Select(r => r.Offset.Value));
        }
    }

    [ConfluentFact]
    public async Task Offsets_are_found_by_time_and_at_both_ends()
    {
        var topic = broker.NewTopicName("times");
        await FillAsync(topic, partitions: 1, records: 50);
        using var consumer = ConfluentClients.Consumer(broker.Bootstrap);
        var limit = TimeSpan.FromSeconds(10);
        var partition = new TopicPartition(topic, 0);

        var marks = consumer.QueryWatermarkOffsets(partition, limit);
        Assert.Equal((0L, 50L), (marks.Low.Value, marks.High.Value));
        var found = consumer.OffsetsForTimes([new(partition, new Timestamp(FirstMs + 20, TimestampType.CreateTime))], limit);
        Assert.Equal(20, found[0].Offset.Value);
        var beyond = consumer.OffsetsForTimes([new(partition, new Timestamp(FirstMs + 1_000, TimestampType.CreateTime))], limit);
        Assert.Equal(Offset.End, beyond[0].Offset);
    }

    [ConfluentFact]
    public async Task An_offset_beyond_the_end_is_reported_to_the_consumer()
    {
        var topic = broker.NewTopicName("out-of-range");
        await FillAsync(topic, partitions: 1, records: 5);
        using var consumer = ConfluentClients.Consumer(broker.Bootstrap);
        consumer.Assign(new TopicPartitionOffset(topic, 0, 1_000));
        var failure = Assert.Throws<ConsumeException>(() => consumer.Consume(TimeSpan.FromSeconds(20)));
        Assert.Contains(failure.Error.Code, new[] { ErrorCode.OffsetOutOfRange, ErrorCode.Local_AutoOffsetReset });
    }

    [ConfluentFact]
    public async Task A_waiting_consumer_gets_a_record_when_it_is_produced()
    {
        var topic = broker.NewTopicName("tail");
        await FillAsync(topic, partitions: 1, records: 1);
        using var consumer = ConfluentClients.Consumer(broker.Bootstrap, config => config.FetchWaitMaxMs = 30_000);
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        Assert.NotNull(consumer.Consume(TimeSpan.FromSeconds(20)));

        // The next fetch now waits at the broker for up to 30 s; only the append can end it sooner than the test's limit.
        using var producer = ConfluentClients.Producer(broker.Bootstrap);
        var waiting = Task.Run(() => consumer.Consume(TimeSpan.FromSeconds(20)));
        await producer.ProduceAsync(topic, new Message<string, string> { Value = "late" });
        Assert.Equal("late", (await waiting)?.Message.Value);
    }

    [ConfluentFact]
    public async Task A_record_larger_than_the_fetch_limit_is_still_delivered()
    {
        var topic = broker.NewTopicName("large");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        using var producer = ConfluentClients.Producer(broker.Bootstrap);
        var value = new string('v', 900_000);
        await producer.ProduceAsync(topic, new Message<string, string> { Value = value });
        var record = Assert.Single(ConfluentClients.Read(broker.Bootstrap, topic, 0, 1, configure: config => config.MaxPartitionFetchBytes = 10_000));
        Assert.Equal(value, record.Message.Value);
    }

    private async Task FillAsync(string topic, int partitions, int records)
    {
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic, partitions);
        using var producer = ConfluentClients.Producer(broker.Bootstrap);
        for (var partition = 0; partition < partitions; partition++)
        {
            for (var i = 0; i < records; i++)
            {
                producer.Produce(new TopicPartition(topic, partition), new Message<string, string>
                {
                    Key = $"{partition}",
                    Value = $"{i}",
                    Timestamp = new Timestamp(FirstMs + i, TimestampType.CreateTime),
                });
            }
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
    }
}
