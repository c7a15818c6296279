using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Compatibility.Tests.Clients;

/// <summary>What clients report of their quotas.</summary>
[Collection(BrokerCollection.Name)]
public sealed class ClientQuotaTests(RunningBroker broker)
{
    private const int Records = 240;

    // Ten seconds' worth may come at once, the rest only at the rate.
    private const int BytesPerSecond = 20_000;

    [KafkaToolsFact]
    public async Task A_tool_over_the_quota_that_another_has_set_reports_its_throttle_time()
    {
        var topic = broker.NewTopicName("quota");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        await KafkaTools.RunAsync("kafka-configs", "--bootstrap-server", broker.Bootstrap, "--alter",
            "--add-config", $"producer_byte_rate={BytesPerSecond}", "--entity-type", "clients", "--entity-name", "limited-tool");
        var produced = await KafkaTools.RunAsync("kafka-producer-perf-test", "--topic", topic, "--num-records", $"{Records}", "--record-size", "1000",
            "--throughput", "-1", "--print-metrics", "--command-property", $"bootstrap.servers={broker.Bootstrap}", "client.id=limited-tool");
        Assert.True(Metric(produced.Output, "produce-throttle-time-max") > 0, produced.Output);
        Assert.StartsWith($"{Records} records sent", produced.Lines.First(static line => line.Contains("99.9th", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [ConfluentFact]
    public async Task Clients_of_librdkafka_over_their_quota_see_throttle_times_and_get_all_done()
    {
        var topic = broker.NewTopicName("quota");
        await ConfluentClients.CreateTopicAsync(broker.Bootstrap, topic);
        await LimitAsync("limited-client");
        var throttleMs = 0.0;
        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.Bootstrap, ClientId = "limited-client", StatisticsIntervalMs = 100, LingerMs = 5, BatchNumMessages = 40 })
            .SetLogHandler((_, _) => { }).SetStatisticsHandler((_, json) => throttleMs = Math.Max(throttleMs, ThrottleMs(json))).Build())
        {
            for (var i = 0; i < Records; i++) producer.Produce(topic, new Message<string, string> { Value = new string('x', 1000) });
            Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(60)));
            for (var i = 0; i < 100 && throttleMs == 0; i++) producer.Poll(TimeSpan.FromMilliseconds(100));
        }

        Assert.True(throttleMs > 0);
        throttleMs = 0;
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = broker.Bootstrap, ClientId = "limited-client", GroupId = "limited-client", StatisticsIntervalMs = 100, MaxPartitionFetchBytes = 50_000 })
            .SetLogHandler((_, _) => { }).SetStatisticsHandler((_, json) => throttleMs = Math.Max(throttleMs, ThrottleMs(json))).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var until = DateTime.UtcNow + TimeSpan.FromSeconds(60);
        var count = 0;
        while ((count < Records || throttleMs == 0) && DateTime.UtcNow < until)
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is not null) count++;
        Assert.Equal(Records, count);
        Assert.True(throttleMs > 0);
    }

    private async Task LimitAsync(string clientId)
    {
        using var admin = await TestClient.ConnectAsync(int.Parse(broker.Bootstrap.Split(':')[1], CultureInfo.InvariantCulture));
        var entry = new AlterClientQuotasRequest.EntryData
        {
            Entity = [new() { EntityType = "client-id", EntityName = clientId }],
            Ops = [new() { Key = "producer_byte_rate", Value = BytesPerSecond }, new() { Key = "consumer_byte_rate", Value = BytesPerSecond }],
        };
        var altered = await admin.CallAsync<AlterClientQuotasRequest, AlterClientQuotasResponse>(new() { Entries = [entry] }, 1);
        Assert.Equal(Protocol.Messages.ErrorCode.None, altered.Entries[0].ErrorCode);
    }

    private static double Metric(string output, string name) => output.Split('\n')
        .Where(line => line.Contains(name, StringComparison.Ordinal))
        .Select(line => double.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture))
        .Single();

    private static double ThrottleMs(string json)
    {
        using var statistics = JsonDocument.Parse(json);
        return statistics.RootElement.GetProperty("brokers").EnumerateObject().Max(node => node.Value.GetProperty("throttle").GetProperty("max").GetDouble());
    }
}
