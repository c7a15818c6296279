using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Clients;

/// <summary>Transactional producers of librdkafka, and what consumers of committed records see of them.</summary>
[Collection(BrokerCollection.Name)]
public sealed class ConfluentTransactionTests(RunningBroker broker)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [ConfluentFact]
    public async Task Committed_records_are_seen_and_aborted_ones_are_not()
    {
        var topic = await TopicAsync("ends", partitions: 2);
        using var producer = Transactional(topic);
        producer.InitTransactions(Limit);
        for (var round = 0; round < 6; round++)
        {
            producer.BeginTransaction();
            for (var i = 0; i < 4; i++)
            {
                producer.Produce(new TopicPartition(topic, i % 2), Value($"{round}-{i}"));
            }

            if (round % 2 == 0)
            {
                producer.CommitTransaction(Limit);
            }
            else
            {
                // An abort would throw away what was not sent yet.
                producer.Flush(Limit);
                producer.AbortTransaction(Limit);
            }
        }

        var seen = ConfluentClients.Read(broker.Bootstrap, topic, 0, 6, configure: Committed)
            .Concat(ConfluentClients.Read(broker.Bootstrap, topic, 1, 6, configure: Committed));
        Assert.Equal(from round in new[] { 0, 2, 4 } from i in Enumerable.Range(0, 4) select $"{round}-{i}", seen.Select(record => record.Message.Value).Order());
        Assert.Equal(12, ConfluentClients.Read(broker.Bootstrap, topic, 0, 12, configure: Uncommitted).Count);
    }

    [ConfluentFact]
    public async Task Open_transaction_holds_readers_of_committed_records_back()
    {
        var topic = await TopicAsync("open");
        using var producer = Transactional(topic);
        using var plain = ConfluentClients.Producer(broker.Bootstrap);
        producer.InitTransactions(Limit);
        producer.BeginTransaction();
        await producer.ProduceAsync(topic, Value("open"));
        await plain.ProduceAsync(topic, Value("behind"));
        using var consumer = ConfluentClients.Consumer(broker.Bootstrap, Committed);
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));

        Assert.Null(consumer.Consume(TimeSpan.FromSeconds(1)));
        producer.CommitTransaction(Limit);

        Assert.Equal(["open", "behind"], [consumer.Consume(Limit).Message.Value, consumer.Consume(Limit).Message.Value]);
    }

    [ConfluentFact]
    public async Task Second_producer_of_an_id_fences_the_first_and_aborts_its_transaction()
    {
        var topic = await TopicAsync("fence");
        using var first = Transactional(topic);
        first.InitTransactions(Limit);
        first.BeginTransaction();
        await first.ProduceAsync(topic, Value("zombie"));

        using var second = Transactional(topic);
        second.InitTransactions(Limit);
        second.BeginTransaction();
        await second.ProduceAsync(topic, Value("heir"));
        second.CommitTransaction(Limit);

        var refused = Assert.Throws<KafkaException>(() => first.CommitTransaction(Limit));
        Assert.True(refused.Error.IsFatal, refused.Error.ToString());
        Assert.Equal("heir", ConfluentClients.Read(broker.Bootstrap, topic, 0, 1, configure: Committed).Single().Message.Value);
    }

    [ConfluentFact]
    public async Task Transaction_out_of_time_is_aborted_by_the_broker()
    {
        var topic = await TopicAsync("late");
        using var producer = Transactional(topic, config => (config.TransactionTimeoutMs, config.MessageTimeoutMs) = (1_000, 1_000));
        using var plain = ConfluentClients.Producer(broker.Bootstrap);
        producer.InitTransactions(Limit);
        producer.BeginTransaction();
        await producer.ProduceAsync(topic, Value("late"));
        await plain.ProduceAsync(topic, Value("behind"));

        Assert.Equal("behind", ConfluentClients.Read(broker.Bootstrap, topic, 0, 1, configure: Committed).Single().Message.Value);
        Assert.ThrowsAny<KafkaException>(() => producer.CommitTransaction(Limit));
    }

    [ConfluentFact]
    public async Task Offsets_count_with_the_transaction_that_sends_them()
    {
        var topic = await TopicAsync("offsets");
        using var producer = Transactional(topic);
        using var consumer = ConfluentClients.Consumer(broker.Bootstrap, config => config.GroupId = topic);
        producer.InitTransactions(Limit);
        foreach (var (offset, isCommit) in new[] { (7L, true), (9L, false) })
        {
            producer.BeginTransaction();
            await producer.ProduceAsync(topic, Value($"{offset}"));
            producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, offset)], consumer.ConsumerGroupMetadata, Limit);
            if (isCommit)
            {
                producer.CommitTransaction(Limit);
            }
            else
            {
                producer.AbortTransaction(Limit);
            }
        }

        Assert.Equal(7, consumer.Committed([new TopicPartition(topic, 0)], Limit).Single().Offset.Value);
    }

    private static Message<string, string> Value(string value) => new() { Value = value };

    private static void Committed(ConsumerConfig config) => config.IsolationLevel = IsolationLevel.ReadCommitted;

    private static void Uncommitted(ConsumerConfig config) => config.IsolationLevel = IsolationLevel.ReadUncommitted;

    private IProducer<string, string> Transactional(string id, Action<ProducerConfig>? configure = null) => ConfluentClients.Producer(broker.Bootstrap, config =>
    {
        config.TransactionalId = id;
        config.TransactionTimeoutMs = 60_000;
        configure?.Invoke(config);
    });

    private async Task<string> TopicAsync(string subject, int partitions = 1)
    {
        var topic = broker.NewTopicName(subject);
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic, partitions);
        return topic;
    }
}
