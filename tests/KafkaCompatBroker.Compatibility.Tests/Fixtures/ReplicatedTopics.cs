using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Topics with several replicas on the first three brokers of a cluster, as a client sees them.</summary>
internal sealed class ReplicatedTopics(NodeCluster cluster) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly IAdminClient _admin = ConfluentClients.Admin(BootstrapOf(cluster));

    /// <summary>Lets a broker that was killed come back when its session is over, soon.</summary>
    public static IReadOnlyList<string> ShortSessions { get; } = ["broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=300"];

    /// <summary>All three brokers.</summary>
    public string Bootstrap { get; } = BootstrapOf(cluster);

    /// <summary>Creates a topic of one partition, once all three brokers serve.</summary>
    public async Task CreateAsync(string topic, params int[] replicas)
    {
        await cluster.SeesAsync(1, 1, 2, 3);
        await _admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, ReplicasAssignments = new() { [0] = [.. replicas] } }]);
        await UntilInSyncAsync(topic, replicas);
    }

    /// <summary>Creates a topic with three replicas of each partition, once all three brokers serve.</summary>
    public async Task CreateAsync(string topic, int partitions)
    {
        await cluster.SeesAsync(1, 1, 2, 3);
        await _admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 3 }]);
        await UntilInSyncAsync(topic, 1, 2, 3);
    }

    /// <summary>Gives a topic a property.</summary>
    public Task ConfigureAsync(string topic, string property, string value) => _admin.IncrementalAlterConfigsAsync(new()
    {
        [new ConfigResource { Type = ResourceType.Topic, Name = topic }] = [new ConfigEntry { Name = property, Value = value, IncrementalOperation = AlterConfigOpType.Set }],
    });

    /// <summary>Who leads partition 0 of a topic.</summary>
    public int Leader(string topic) => Partitions(topic)[0].Leader;

    /// <summary>Waits until all partitions have a leader and exactly these in-sync replicas.</summary>
    public Task UntilInSyncAsync(string topic, params int[] brokers) => Eventually.HoldsAsync(
        () => Task.FromResult(
            Partitions(topic) is { Count: > 0 } partitions
            && partitions.TrueForAll(partition => partition.Leader > 0 && partition.InSyncReplicas.Order().SequenceEqual(brokers.Order()))),
        $"{string.Join(", ", brokers)} are not the in-sync replicas of {topic}");

    public void Dispose() => _admin.Dispose();

    private static string BootstrapOf(NodeCluster cluster) => string.Join(',', Enumerable.Range(1, 3).Select(cluster.Bootstrap));

    private List<PartitionMetadata> Partitions(string topic) => _admin.GetMetadata(topic, Limit).Topics.Single().Partitions;
}
