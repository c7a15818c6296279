using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>What a coordinator acknowledged is there after kill -9, and members of a group come back by themselves.</summary>
public sealed class KilledCoordinatorTests
{
    private const string Topic = "committed";
    private const string Group = "survivors";

    [ConfluentFact]
    public async Task Committed_offsets_survive_each_of_several_kills()
    {
        const int Rounds = 3;
        const int CommitsPerRound = 200;
        using var node = new BrokerNode(["offsets.topic.num.partitions=3"]);
        await node.FormatAsync();
        long committed = -1;
        for (var round = 0; round < Rounds; round++)
        {
            await using var broker = await node.StartAsync();
            if (round == 0)
            {
                await ConfluentClients.CreateTopicAsync(node.Bootstrap, Topic);
            }

            using var consumer = Committer(node.Bootstrap);
            Assert.Equal(committed, Read(consumer));
            for (var i = 0; i < CommitsPerRound; i++)
            {
                long next = committed + 1;
                consumer.Commit([new TopicPartitionOffset(Topic, 0, next)]);
                committed = next;
            }

            await broker.KillAsync();
        }

        await using var last = await node.StartAsync();
        using var reader = Committer(node.Bootstrap);
        Assert.Equal(committed, Read(reader));
        await last.StopAsync();
    }

    [ConfluentFact]
    public async Task Group_goes_on_after_its_coordinator_was_killed()
    {
        using var node = new BrokerNode(["offsets.topic.num.partitions=3"]);
        await node.FormatAsync();
        await using var first = await node.StartAsync();
        await ConfluentClients.CreateTopicAsync(node.Bootstrap, Topic, partitions: 2);
        await ProduceAsync(node.Bootstrap, 10);
        await using var member = new GroupMember(node.Bootstrap, Group, Topic, GroupProtocol.Classic);
        await member.UntilReadAsync(10);

        await first.KillAsync();
        await using var second = await node.StartAsync();
        await ProduceAsync(node.Bootstrap, 10);
        await member.UntilReadAsync(20);
        await member.UntilOwnsAsync(2);
    }

    private static IConsumer<string, string> Committer(string bootstrap) => ConfluentClients.Consumer(bootstrap, config => config.GroupId = Group);

    private static long Read(IConsumer<string, string> consumer)
    {
        var offset = consumer.Committed([new TopicPartition(Topic, 0)], TimeSpan.FromSeconds(30)).Single().Offset;
        return offset == Offset.Unset ? -1 : offset.Value;
    }

    private static async Task ProduceAsync(string bootstrap, int count)
    {
        using var producer = ConfluentClients.Producer(bootstrap);
        await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
            producer.ProduceAsync(new TopicPartition(Topic, i % 2), new Message<string, string> { Value = $"{i}" })));
    }
}
