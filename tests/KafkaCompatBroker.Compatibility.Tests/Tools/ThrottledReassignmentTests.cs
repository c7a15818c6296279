using Confluent.Kafka;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;
using static KafkaCompatBroker.Compatibility.Tests.Fixtures.NodeCluster;

namespace KafkaCompatBroker.Compatibility.Tests.Tools;

/// <summary>kafka-reassign-partitions with --throttle, between two brokers of ours.</summary>
public sealed class ThrottledReassignmentTests : IDisposable
{
    private const int Records = 50;
    private const int RecordBytes = 100_000;

    private static readonly string[] Throttles =
    [
        "leader.replication.throttled.rate", "follower.replication.throttled.rate",
        "leader.replication.throttled.replicas", "follower.replication.throttled.replicas",
    ];

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [KafkaToolsFact]
    public async Task Replicas_move_no_faster_than_the_throttle_which_goes_when_they_have_moved()
    {
        // With windows this long, what exceeds a throttle of one byte a second stays exceeded.
        NodePlan node = Ours() with { Properties = ["replication.quota.window.size.seconds=3600", "replica.fetch.max.bytes=200000", "replica.fetch.backoff.ms=100"] };
        await using var cluster = await StartAsync(node, node with { Roles = "broker" });
        await cluster.SeesAsync(1, 1, 2);
        await KafkaTools.RunAsync("kafka-topics", "--bootstrap-server", cluster.Bootstrap(1), "--create", "--topic", "t", "--replica-assignment", "1");
        await FillAsync(cluster);
        _scratch.Write("move.json", """{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[2]}]}""");

        await ReassignAsync(cluster, "--execute", "--throttle", "1");
        foreach (var throttle in Throttles) Assert.Contains(throttle, await ConfigsAsync(cluster), StringComparison.Ordinal);
        Assert.Contains("still in progress", await ReassignAsync(cluster, "--verify"), StringComparison.Ordinal);
        Assert.InRange(ReplicaLogs.Of(cluster, 2, "t-0").Length, 0, Records * RecordBytes / 2);

        await ReassignAsync(cluster, "--execute", "--additional", "--throttle", "1000000000");
        await Eventually.HoldsAsync(
            async () => (await ReassignAsync(cluster, "--verify")).Contains("is completed", StringComparison.Ordinal), "the replica does not move");
        Assert.InRange(ReplicaLogs.Of(cluster, 2, "t-0").Length, Records * RecordBytes, int.MaxValue);
        Assert.DoesNotContain("throttled", await ConfigsAsync(cluster), StringComparison.Ordinal);
    }

    private static async Task FillAsync(NodeCluster cluster)
    {
        using var producer = ConfluentClients.Producer(cluster.Bootstrap(1));
        for (var i = 0; i < Records; i++)
            await producer.ProduceAsync(new TopicPartition("t", 0), new Message<string, string> { Value = new string('v', RecordBytes) });
    }

    private async Task<string> ReassignAsync(NodeCluster cluster, params string[] arguments) => (await KafkaTools.RunAsync(
        "kafka-reassign-partitions", ["--bootstrap-server", cluster.Bootstrap(1), "--reassignment-json-file", _scratch["move.json"], .. arguments])).Output;

    private static async Task<string> ConfigsAsync(NodeCluster cluster)
    {
        var topics = KafkaTools.RunAsync("kafka-configs", "--bootstrap-server", cluster.Bootstrap(1), "--describe", "--entity-type", "topics");
        var brokers = KafkaTools.RunAsync("kafka-configs", "--bootstrap-server", cluster.Bootstrap(1), "--describe", "--entity-type", "brokers");
        return (await topics).Output + (await brokers).Output;
    }
}
