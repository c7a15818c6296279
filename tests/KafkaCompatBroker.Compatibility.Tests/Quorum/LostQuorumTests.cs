using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>Records need no controller as long as nothing changes.</summary>
public sealed class LostQuorumTests
{
    private const string Topic = "served";

    [ConfluentFact]
    public async Task A_broker_serves_its_records_while_no_majority_of_controllers_lives()
    {
        var plan = NodeCluster.Ours() with { Properties = ["broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=300"] };
        await using var cluster = await NodeCluster.StartAsync(plan, plan, plan);
        await ConfluentClients.CreateTopicAsync(cluster.Bootstrap(1), Topic, partitions: 3);
        using var admin = ConfluentClients.Admin(cluster.Bootstrap(1));
        var partition = admin.GetMetadata(Topic, TimeSpan.FromSeconds(30)).Topics.Single().Partitions.Single(static one => one.Leader == 1).PartitionId;
        using var producer = ConfluentClients.Producer(cluster.Bootstrap(1));
        await ProduceAsync(producer, partition, "before");

        await Task.WhenAll(cluster.KillAsync(2), cluster.KillAsync(3));
        // Longer than sessions of brokers, fetches of followers and the patience of a leader.
        for (var round = 0; round < 2; round++)
        {
            await ProduceAsync(producer, partition, $"without {round}");
            Assert.Equal(2 + round, ConfluentClients.Read(cluster.Bootstrap(1), Topic, partition, 2 + round).Count);
            await Task.Delay(3_500);
        }
        await ProduceAsync(producer, partition, "without anybody for long");
        var (host, port) = cluster.Address(1);
        using (var connection = await AdminConnection.TryOpenAsync(host, port))
            Assert.NotEqual(Protocol.Messages.ErrorCode.None, await connection!.CreateAsync("refused", new TopicState(1, "1000")));

        await Task.WhenAll(cluster.StartAsync(2), cluster.StartAsync(3));
        await cluster.CreateAsync(1, "again");
        Assert.Equal(4, ConfluentClients.Read(cluster.Bootstrap(2), Topic, partition, 4).Count);
    }

    private static Task ProduceAsync(IProducer<string, string> producer, int partition, string value) =>
        producer.ProduceAsync(new TopicPartition(Topic, partition), new() { Value = value });
}
