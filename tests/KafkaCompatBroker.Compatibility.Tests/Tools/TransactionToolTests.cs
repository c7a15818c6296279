using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Tools;

/// <summary>Kafka's tools for transactions, and those that look into the logs behind them.</summary>
[Collection(BrokerCollection.Name)]
public sealed class TransactionToolTests(RunningBroker broker)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [KafkaToolsFact]
    public async Task Performance_test_commits_transactions()
    {
        var topic = await TopicAsync("perf");
        var result = await KafkaTools.RunAsync(
            "kafka-producer-perf-test", "--topic", topic, "--num-records", "5000", "--record-size", "100", "--throughput", "-1",
            "--transactional-id", topic, "--transaction-duration-ms", "20", "--bootstrap-server", broker.Bootstrap);
        Assert.Contains("5000 records sent", result.Lines[^1], StringComparison.Ordinal);

        var listed = await TransactionsAsync("list");
        Assert.Contains(listed.Lines, line => line.StartsWith(topic, StringComparison.Ordinal) && line.Contains("CompleteCommit", StringComparison.Ordinal));
    }

    [KafkaToolsFact]
    public async Task Open_transaction_is_listed_described_and_forcefully_ended()
    {
        var topic = await TopicAsync("described");
        using var producer = ConfluentClients.Producer(broker.Bootstrap, config => config.TransactionalId = topic);
        producer.InitTransactions(Limit);
        producer.BeginTransaction();
        await producer.ProduceAsync(topic, new Message<string, string> { Value = "open" });

        var described = await TransactionsAsync("describe", "--transactional-id", topic);
        Assert.Contains("Ongoing", described.Lines[^1], StringComparison.Ordinal);
        Assert.Contains($"{topic}-0", described.Lines[^1], StringComparison.Ordinal);
        var producers = await TransactionsAsync("describe-producers", "--topic", topic, "--partition", "0");
        Assert.Equal(2, producers.Lines.Count);
        Assert.DoesNotContain("None", producers.Lines[^1], StringComparison.Ordinal);
        var hanging = await TransactionsAsync("find-hanging", "--broker-id", "1");
        Assert.DoesNotContain(hanging.Lines, line => line.StartsWith(topic, StringComparison.Ordinal));

        await TransactionsAsync("abort", "--topic", topic, "--partition", "0", "--start-offset", "0");
        Assert.Empty(ReadCommitted(topic));
    }

    [KafkaToolsFact]
    public async Task Kafka_reads_the_log_of_the_coordinator_and_the_index_of_aborted_transactions()
    {
        using var node = new BrokerNode(["transaction.state.log.num.partitions=1"]);
        await using (var process = await node.FormatAndStartAsync())
        {
            await ConfluentClients.CreateTopicAsync(node.Bootstrap, "data");
            using var producer = ConfluentClients.Producer(node.Bootstrap, config => config.TransactionalId = "dumped");
            producer.InitTransactions(Limit);
            foreach (var isCommit in new[] { true, false })
            {
                producer.BeginTransaction();
                await producer.ProduceAsync("data", new Message<string, string> { Value = $"{isCommit}" });
                if (isCommit)
                {
                    producer.CommitTransaction(Limit);
                }
                else
                {
                    producer.AbortTransaction(Limit);
                }
            }

            producer.Dispose();
            await process.StopAsync();
        }

        var states = await KafkaTools.RunAsync("kafka-dump-log", "--transaction-log-decoder", "--files", Segment(node, "__transaction_state-0", "log"));
        Assert.Equal(
            [0, 1, 2, 4, 1, 3, 5],
            states.Lines.Where(line => line.Contains("transactionStatus", StringComparison.Ordinal)).Select(line => line.Split("\"transactionStatus\":")[1][0] - '0'));
        Assert.Contains("\"transactionalId\":\"dumped\"", states.Output, StringComparison.Ordinal);
        var data = await KafkaTools.RunAsync("kafka-dump-log", "--print-data-log", "--files", Segment(node, "data-0", "log"));
        Assert.Contains("endTxnMarker: COMMIT", data.Output, StringComparison.Ordinal);
        Assert.Contains("endTxnMarker: ABORT", data.Output, StringComparison.Ordinal);
        var aborted = await KafkaTools.RunAsync("kafka-dump-log", "--files", Segment(node, "data-0", "txnindex"));
        Assert.Contains("firstOffset: 2 lastOffset: 3", aborted.Output, StringComparison.Ordinal);
    }

    private static string Segment(BrokerNode node, string partition, string suffix) =>
        Path.Combine(node.DataDirectory, partition, $"00000000000000000000.{suffix}");

    private List<string> ReadCommitted(string topic)
    {
        using var consumer = ConfluentClients.Consumer(broker.Bootstrap, config =>
        {
            config.IsolationLevel = IsolationLevel.ReadCommitted;
            config.EnablePartitionEof = true;
        });
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        List<string> values = [];
        while (consumer.Consume(Limit) is { IsPartitionEOF: false } record)
        {
            values.Add(record.Message.Value);
        }

        return values;
    }

    private async Task<string> TopicAsync(string subject)
    {
        var topic = broker.NewTopicName(subject);
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        return topic;
    }

    private Task<CommandResult> TransactionsAsync(params string[] arguments) =>
        KafkaTools.RunAsync("kafka-transactions", ["--bootstrap-server", broker.Bootstrap, .. arguments]);
}
