using KafkaCompatBroker.Compatibility.Tests.Fixtures;
using static KafkaCompatBroker.Compatibility.Tests.Fixtures.NodeCluster;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>Brokers of ours and one of the real Apache Kafka copy each other's partitions.</summary>
public sealed class MixedReplicasTests
{
    private const int Kafkas = 3;

    [KafkaToolsFact]
    public async Task Replicas_are_equal_byte_for_byte_whoever_leads_and_after_a_leader_is_killed()
    {
        await using var cluster = await StartAsync(Ours(), Ours(), Real());
        await KafkaTools.RunAsync(
            "kafka-topics", "--bootstrap-server", cluster.Bootstrap(1), "--create", "--topic", "t", "--replica-assignment", "1:3:2,2:1:3,3:2:1");
        await ProduceAsync(cluster, records: 300);
        await ReplicaLogs.EqualAsync(cluster, "t", partitions: 3, records: 300);

        await cluster.KillAsync(Kafkas);
        await ProduceAsync(cluster, records: 300);
        await cluster.StartAsync(Kafkas);
        await ReplicaLogs.EqualAsync(cluster, "t", partitions: 3, records: 600);
        await cluster.KillAsync(1);
        await cluster.StartAsync(1);
        await ReplicaLogs.EqualAsync(cluster, "t", partitions: 3, records: 600);
    }

    private static Task ProduceAsync(NodeCluster cluster, int records) => KafkaTools.RunWithInputAsync(
        "kafka-console-producer", string.Concat(Enumerable.Range(0, records).Select(static n => $"value {n}\n")),
        "--bootstrap-server", $"{cluster.Bootstrap(1)},{cluster.Bootstrap(2)}", "--topic", "t", "--batch-size", "100",
        "--command-property", "acks=all", "--command-property", "partitioner.ignore.keys=true", "--command-property", "linger.ms=0");
}
