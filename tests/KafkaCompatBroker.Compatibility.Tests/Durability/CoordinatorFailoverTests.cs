using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;
using static KafkaCompatBroker.Compatibility.Tests.Fixtures.NodeCluster;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>Coordinators whose state has three replicas: another broker goes on with it when theirs is killed with kill -9.</summary>
public sealed class CoordinatorFailoverTests
{
    private const int Records = 1_500;

    [ConfluentFact]
    public async Task Transactions_and_groups_go_on_where_they_were_after_their_coordinators_were_killed()
    {
        await using var cluster = await StartAsync(Node(), Node(), Node());
        using ReplicatedTopics topics = new(cluster);
        await topics.CreateAsync(ExactCopy.Source, partitions: 1);
        await topics.CreateAsync(ExactCopy.Target, partitions: 2);
        var copy = await ExactCopy.StartAsync(topics.Bootstrap, Records);
        await using GroupMember member = new(
            topics.Bootstrap, "readers", ExactCopy.Target, GroupProtocol.Classic, static config => config.IsolationLevel = IsolationLevel.ReadCommitted);
        await copy.UntilAsync(Records / 3);

        await KillLeaderAsync(cluster, topics, "__transaction_state");
        await copy.UntilAsync(Records * 2 / 3);
        await KillLeaderAsync(cluster, topics, "__consumer_offsets");
        await copy.Copying;

        Assert.Equal(Enumerable.Range(0, Records), copy.ReadCommitted().Order());
        await member.UntilReadAsync(Records);
        await member.StopReadingAsync();
        Assert.Equal(Records, member.Records.Select(static record => record.Message.Value).Distinct().Count());
    }

    [ConfluentFact]
    public async Task Commits_that_were_acknowledged_are_there_after_their_coordinator_was_killed()
    {
        await using var cluster = await StartAsync(Node(), Node(), Node());
        using ReplicatedTopics topics = new(cluster);
        await topics.CreateAsync("t", partitions: 1);
        TopicPartition partition = new("t", 0);
        using var committer = ConfluentClients.Consumer(topics.Bootstrap);
        for (var offset = 1; offset <= 100; offset++) committer.Commit([new TopicPartitionOffset(partition, offset)]);
        await topics.UntilInSyncAsync("__consumer_offsets", 1, 2, 3);

        await cluster.KillAsync(topics.Leader("__consumer_offsets"));

        using var reader = ConfluentClients.Consumer(topics.Bootstrap);
        Assert.Equal(100, reader.Committed([partition], TimeSpan.FromSeconds(60)).Single().Offset.Value);
        committer.Commit([new TopicPartitionOffset(partition, 101)]);
        Assert.Equal(101, reader.Committed([partition], TimeSpan.FromSeconds(60)).Single().Offset.Value);
    }

    private static async Task KillLeaderAsync(NodeCluster cluster, ReplicatedTopics topics, string topic)
    {
        await topics.UntilInSyncAsync(topic, 1, 2, 3);
        var leader = topics.Leader(topic);
        await cluster.KillAsync(leader);
        await cluster.StartAsync(leader);
    }

    private static NodePlan Node() => Ours() with
    {
        Properties =
        [
            "offsets.topic.replication.factor=3",
            "offsets.topic.num.partitions=1",
            "transaction.state.log.replication.factor=3",
            "transaction.state.log.min.isr=2",
            "transaction.state.log.num.partitions=1",
            "min.insync.replicas=2",
            .. ReplicatedTopics.ShortSessions,
        ],
    };
}
