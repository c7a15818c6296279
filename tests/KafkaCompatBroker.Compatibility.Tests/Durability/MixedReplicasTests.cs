using KafkaCompatBroker.Compatibility.Tests.Fixtures;
using KafkaCompatBroker.Protocol.Records;
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
        await EqualAsync(cluster, records: 300);

        await cluster.KillAsync(Kafkas);
        await ProduceAsync(cluster, records: 300);
        await cluster.StartAsync(Kafkas);
        await EqualAsync(cluster, records: 600);
        await cluster.KillAsync(1);
        await cluster.StartAsync(1);
        await EqualAsync(cluster, records: 600);
    }

    private static Task ProduceAsync(NodeCluster cluster, int records) => KafkaTools.RunWithInputAsync(
        "kafka-console-producer", string.Concat(Enumerable.Range(0, records).Select(static n => $"value {n}\n")),
        "--bootstrap-server", $"{cluster.Bootstrap(1)},{cluster.Bootstrap(2)}", "--topic", "t", "--batch-size", "100",
        "--command-property", "acks=all", "--command-property", "partitioner.ignore.keys=true", "--command-property", "linger.ms=0");

    /// <summary>Waits until all three brokers have the same bytes of every partition.</summary>
    private static Task EqualAsync(NodeCluster cluster, int records) => Eventually.HoldsAsync(
        () =>
        {
            var logs = Enumerable.Range(0, 3).Select(partition => Enumerable.Range(1, 3).Select(id => Log(cluster, id, partition)).ToArray()).ToArray();
            return Task.FromResult(
                logs.Sum(static replicas => CountOf(replicas[0])) == records
                && logs.All(static replicas => replicas.All(log => log.AsSpan().SequenceEqual(replicas[0]))));
        },
        $"The replicas do not come to hold the same {records} records");

    private static byte[] Log(NodeCluster cluster, int id, int partition)
    {
        var path = Path.Combine(cluster.DataDirectory(id), $"t-{partition}", "00000000000000000000.log");
        if (!File.Exists(path)) return [];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[(int)Math.Min(file.Length, 256 * 1024)];
        file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var size = 0;
        while (RecordBatchView.TryRead(bytes.AsSpan(size), out var batch) == RecordBatchStatus.Ok) size += batch.SizeInBytes;
        return bytes[..size];
    }

    private static int CountOf(byte[] log)
    {
        var count = 0;
        for (var at = 0; RecordBatchView.TryRead(log.AsSpan(at), out var batch) == RecordBatchStatus.Ok; at += batch.SizeInBytes) count += batch.RecordCount;
        return count;
    }
}
