using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;
using static KafkaCompatBroker.Compatibility.Tests.Fixtures.NodeCluster;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>Three brokers of ours with three replicas of everything, of which some are killed with kill -9.</summary>
public sealed class KilledReplicasTests
{
    private const string Topic = "t";

    [ConfluentFact]
    public async Task Nothing_acknowledged_is_lost_with_a_leader_and_a_follower_that_are_killed()
    {
        await using var cluster = await StartAsync(Node(), Node(), Node());
        using ReplicatedTopics topics = new(cluster);
        await topics.CreateAsync(Topic, 1, 2, 3);
        await using var load = new OrderedLoad(topics.Bootstrap, Topic);
        await load.MoreAsync(300);

        await cluster.KillAsync(1);
        await load.MoreAsync(300);
        await cluster.StartAsync(1);
        await load.MoreAsync(300);
        await topics.UntilInSyncAsync(Topic, 1, 2, 3);
        await cluster.KillAsync(1);
        await load.MoreAsync(300);
        await cluster.StartAsync(1);
        await load.MoreAsync(300);
        await load.StopAsync();

        await ReplicaLogs.EqualAsync(cluster, Topic, partitions: 1, load.Acknowledged);
        var stored = ConfluentClients.Read(topics.Bootstrap, Topic, 0, load.Acknowledged);
        Assert.Equal(Enumerable.Range(0, load.Acknowledged).Select(static n => $"{n}"), stored.Select(static record => record.Message.Value));
    }

    [ConfluentFact]
    public async Task Last_of_three_replicas_serves_what_is_committed_and_takes_no_more_until_another_returns()
    {
        // The controller is elsewhere: what is asked here is what a leader does that the controller has left alone.
        await using var cluster = await StartAsync(Node("broker"), Node("broker"), Node("broker"), Node("controller"));
        using ReplicatedTopics topics = new(cluster);
        await topics.CreateAsync(Topic, 2, 3, 1);
        Assert.Equal(ErrorCode.NoError, await ProduceAsync(cluster, Acks.All, "committed"));

        await cluster.KillAsync(2);
        await cluster.KillAsync(3);
        await topics.UntilInSyncAsync(Topic, 1);
        Assert.Equal(ErrorCode.NotEnoughReplicas, await ProduceAsync(cluster, Acks.All, "refused"));
        Assert.Equal(ErrorCode.NoError, await ProduceAsync(cluster, Acks.Leader, "hidden"));
        Assert.Equal("committed", ConfluentClients.Read(cluster.Bootstrap(1), Topic, 0, 1).Single().Message.Value);
        Assert.Equal(1, End(cluster));

        await cluster.StartAsync(3);
        await topics.UntilInSyncAsync(Topic, 1, 3);
        Assert.Equal(ErrorCode.NoError, await ProduceAsync(cluster, Acks.All, "again"));
        var stored = ConfluentClients.Read(cluster.Bootstrap(1), Topic, 0, 3).Select(static record => record.Message.Value);
        Assert.Equal(["committed", "hidden", "again"], stored);
    }

    [ConfluentFact]
    public async Task Unclean_leader_loses_what_it_does_not_have_and_the_old_one_cuts_it()
    {
        await using var cluster = await StartAsync(Node("broker"), Node("broker"), Node("broker"), Node("controller"));
        using ReplicatedTopics topics = new(cluster);
        await topics.CreateAsync(Topic, 2, 3);
        Assert.Equal(ErrorCode.NoError, await ProduceAsync(cluster, Acks.All, "common"));
        await cluster.KillAsync(3);
        await topics.UntilInSyncAsync(Topic, 2);
        for (var i = 0; i < 3; i++) Assert.Equal(ErrorCode.NoError, await ProduceAsync(cluster, Acks.Leader, "lost"));

        await cluster.KillAsync(2);
        await cluster.StartAsync(3);
        await cluster.SeesAsync(1, 1, 3);
        Assert.Equal(-1, topics.Leader(Topic));
        await topics.ConfigureAsync(Topic, "unclean.leader.election.enable", "true");
        await topics.UntilInSyncAsync(Topic, 3);
        Assert.Equal(ErrorCode.NoError, await ProduceAsync(cluster, Acks.Leader, "kept"));
        await cluster.StartAsync(2);
        await topics.UntilInSyncAsync(Topic, 2, 3);

        await ReplicaLogs.EqualAsync(cluster, Topic, [2, 3], partitions: 1, records: 2);
        var stored = ConfluentClients.Read(topics.Bootstrap, Topic, 0, 2).Select(static record => record.Message.Value);
        Assert.Equal(["common", "kept"], stored);
    }

    private static NodePlan Node(string roles = "broker,controller") => Ours(roles) with { Properties = ["min.insync.replicas=2", "unclean.leader.election.interval.ms=200", .. ReplicatedTopics.ShortSessions] };

    private static async Task<ErrorCode> ProduceAsync(NodeCluster cluster, Acks acks, string value)
    {
        using var producer = ConfluentClients.Producer(cluster.Bootstrap(1), config =>
        {
            config.Acks = acks;
            config.EnableIdempotence = false;
            config.MessageSendMaxRetries = 0;
        });
        try
        {
            await producer.ProduceAsync(new TopicPartition(Topic, 0), new Message<string, string> { Value = value });
            return ErrorCode.NoError;
        }
        catch (ProduceException<string, string> refused)
        {
            return refused.Error.Code;
        }
    }

    private static long End(NodeCluster cluster)
    {
        using var consumer = ConfluentClients.Consumer(cluster.Bootstrap(1));
        return consumer.QueryWatermarkOffsets(new TopicPartition(Topic, 0), TimeSpan.FromSeconds(30)).High.Value;
    }
}
