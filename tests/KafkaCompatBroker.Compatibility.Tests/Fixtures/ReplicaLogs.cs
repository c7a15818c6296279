using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>The first segments of a partition's replicas, byte for byte, without the room that is reserved behind their ends.</summary>
internal static class ReplicaLogs
{
    private const int BytesMax = 8 * 1024 * 1024;

    /// <summary>Waits until three brokers have the same bytes of every partition, and this many records in all.</summary>
    public static Task EqualAsync(NodeCluster cluster, string topic, int partitions, int records) => EqualAsync(cluster, topic, [1, 2, 3], partitions, records);

    /// <summary>The same of some brokers.</summary>
    public static Task EqualAsync(NodeCluster cluster, string topic, int[] brokers, int partitions, int records) => Eventually.HoldsAsync(
        () =>
        {
            var logs = Enumerable.Range(0, partitions).Select(partition => brokers.Select(id => Of(cluster, id, $"{topic}-{partition}")).ToArray()).ToArray();
            return Task.FromResult(
                logs.Sum(static replicas => CountOf(replicas[0])) == records
                && logs.All(static replicas => replicas.All(log => log.AsSpan().SequenceEqual(replicas[0]))));
        },
        $"The replicas do not come to hold the same {records} records");

    public static byte[] Of(NodeCluster cluster, int id, string partition)
    {
        var path = Path.Combine(cluster.DataDirectory(id), partition, "00000000000000000000.log");
        if (!File.Exists(path)) return [];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[(int)Math.Min(file.Length, BytesMax)];
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
