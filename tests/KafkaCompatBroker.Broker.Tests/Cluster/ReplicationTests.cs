using System.Net.NetworkInformation;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Cluster;

/// <summary>Three brokers that copy each other's partitions, over real sockets.</summary>
public sealed class ReplicationTests
{
    private static readonly string[] Values = ["a", "b", "c"];

    [Fact]
    public async Task All_replicas_hold_what_was_produced_byte_for_byte()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 3);
        await CreateAsync(cluster, "t", [1, 2, 3], [2, 3, 1], [3, 1, 2]);

        for (int partition = 0; partition < 3; partition++)
        {
            for (int round = 0; round < 5; round++)
                await ProduceAsync(cluster.Brokers[partition], "t", partition, acks: (short)(round % 2 == 0 ? -1 : 1), Batches.Idempotent(7, 0, round * Values.Length, Values));
        }

        for (int partition = 0; partition < 3; partition++)
            await EqualAsync(cluster, $"t-{partition}", records: 15);
    }

    [Fact]
    public async Task Every_replica_describes_producers()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 2);
        await CreateAsync(cluster, "t", [1, 2]);
        await ProduceAsync(cluster.Brokers[0], "t", 0, acks: -1, Batches.Idempotent(7, 0, 0, Values));

        DescribeProducersRequest request = new() { Topics = [new() { Name = "t", PartitionIndexes = [0] }] };
        foreach (TestBroker broker in cluster.Brokers)
        {
            using TestClient client = await broker.ConnectAsync();
            await UntilAsync(async () =>
            {
                DescribeProducersResponse response = await client.CallAsync<DescribeProducersRequest, DescribeProducersResponse>(request, 0);
                return response.Topics[0].Partitions[0] is { ErrorCode: ErrorCode.None, ActiveProducers: [{ ProducerId: 7, LastSequence: 2 }] };
            });
        }
    }

    [Fact]
    public async Task Leadership_moves_and_nothing_is_lost()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 3);
        await CreateAsync(cluster, "t", [1, 2, 3]);
        await ProduceAsync(cluster.Brokers[0], "t", 0, acks: -1, Batches.Of("first"));

        await cluster.Brokers[0].Server.StopAsync();
        await ProduceAsync(cluster.Brokers[1], "t", 0, acks: 1, Batches.Of("second"));
        await cluster.Brokers[0].RunAsync();

        await EqualAsync(cluster, "t-0", records: 2);
    }

    [Fact]
    public async Task What_an_unclean_leader_does_not_have_is_cut_from_the_old_one()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 2);
        await CreateAsync(cluster, "t", [1, 2]);
        await ProduceAsync(cluster.Brokers[0], "t", 0, acks: -1, Batches.Of("common"));

        await cluster.Brokers[1].Server.StopAsync();
        await ProduceAsync(cluster.Brokers[0], "t", 0, acks: 1, Batches.Of("lost", "lost"));
        await ProduceAsync(cluster.Brokers[0], "t", 0, acks: 1, Batches.Of("lost"));
        await cluster.Brokers[0].Server.StopAsync();
        await cluster.Brokers[1].RunAsync();
        await ElectUncleanAsync(cluster.Brokers[1], "t");
        await ProduceAsync(cluster.Brokers[1], "t", 0, acks: 1, Batches.Of("kept"));
        await cluster.Brokers[0].RunAsync();

        await EqualAsync(cluster, "t-0", records: 2);
    }

    [Fact]
    public async Task Deleted_topics_go_from_every_replica()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 2);
        await CreateAsync(cluster, "t", [1, 2]);
        await ProduceAsync(cluster.Brokers[0], "t", 0, acks: -1, Batches.Of("a"));
        await EqualAsync(cluster, "t-0", records: 1);

        using TestClient client = await cluster.Brokers[1].ConnectAsync();
        await client.CallAsync<DeleteTopicsRequest, DeleteTopicsResponse>(new() { TopicNames = ["t"], TimeoutMs = 10_000 }, 5);

        await UntilAsync(() => cluster.Brokers.All(static broker => !Directory.Exists(Path.Combine(broker.Directory, "data", "t-0"))));
    }

    [Fact]
    public async Task Reassigned_partitions_are_copied_and_then_given_up()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 3);
        await CreateAsync(cluster, "t", [1]);
        await ProduceAsync(cluster.Brokers[0], "t", 0, acks: -1, Batches.Of("a"));
        byte[] expected = Log(cluster.Brokers[0], "t-0");

        using TestClient client = await cluster.Brokers[2].ConnectAsync();
        AlterPartitionReassignmentsResponse response = await client.CallAsync<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(
            new() { TimeoutMs = 10_000, Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, Replicas = [2, 3] }] }] }, 0);
        Assert.Equal(ErrorCode.None, response.ErrorCode);

        await UntilAsync(() => !Directory.Exists(Path.Combine(cluster.Brokers[0].Directory, "data", "t-0")));
        Assert.All(cluster.Brokers.Skip(1), broker => Assert.Equal(expected, Log(broker, "t-0")));
        await ProduceAsync(cluster.Brokers[1], "t", 0, acks: -1, Batches.Of("b"));
    }

    [Fact]
    public async Task Committed_offsets_outlive_their_coordinator()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 3);
        await CreateAsync(cluster, "t", [3]);
        await CreateAsync(cluster, "__consumer_offsets", [1, 2, 3]);
        OffsetCommitRequest commit = new()
        {
            GroupId = "g",
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = 7 }] }],
        };
        await UntilAsync(async () =>
        {
            using TestClient client = await cluster.Brokers[0].ConnectAsync();
            return (await client.CallAsync<OffsetCommitRequest, OffsetCommitResponse>(commit, 8)).Topics[0].Partitions[0].ErrorCode == ErrorCode.None;
        });

        await cluster.Brokers[0].Server.StopAsync();

        OffsetFetchRequest fetch = new() { GroupId = "g", Topics = [new() { Name = "t", PartitionIndexes = [0] }] };
        await UntilAsync(async () =>
        {
            using TestClient client = await cluster.Brokers[1].ConnectAsync();
            OffsetFetchResponse found = await client.CallAsync<OffsetFetchRequest, OffsetFetchResponse>(fetch, 7);
            return found.ErrorCode == ErrorCode.None && found.Topics[0].Partitions[0].CommittedOffset == 7;
        });
        await cluster.Brokers[0].RunAsync();
    }

    [Fact]
    public async Task Fetchers_can_be_more_and_fewer_while_they_copy()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 2);
        await CreateAsync(cluster, "t", [1, 2], [1, 2], [1, 2], [1, 2]);
        await ProduceAsync(cluster.Brokers[0], "t", 0, acks: -1, Batches.Of("a"));
        await UntilAsync(() => ConnectionsTo(cluster.Brokers[0]) == 1);

        await SetFetchersAsync(cluster.Brokers[1], 2);
        await UntilAsync(() => ConnectionsTo(cluster.Brokers[0]) == 2);
        for (int partition = 0; partition < 4; partition++)
            await ProduceAsync(cluster.Brokers[0], "t", partition, acks: -1, Batches.Of("b"));

        await SetFetchersAsync(cluster.Brokers[1], 1);
        await UntilAsync(() => ConnectionsTo(cluster.Brokers[0]) == 1);
        for (int partition = 0; partition < 4; partition++)
            await ProduceAsync(cluster.Brokers[0], "t", partition, acks: -1, Batches.Of("c"));
    }

    [Fact]
    public async Task Broker_without_controlled_shutdown_just_goes()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(
            brokers: 2, new() { ["controlled.shutdown.enable"] = "false", ["broker.session.timeout.ms"] = "600000" });
        await CreateAsync(cluster, "t", [1, 2]);

        await cluster.Brokers[0].Server.StopAsync();

        using TestClient client = await cluster.Brokers[1].ConnectAsync();
        await client.CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
            new() { TimeoutMs = 10_000, Topics = [new() { Name = "later", Assignments = [new() { PartitionIndex = 0, BrokerIds = [2] }], NumPartitions = -1, ReplicationFactor = -1 }] }, 7);
        MetadataResponse? metadata = null;
        await UntilAsync(async () =>
        {
            metadata = await client.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = [new() { Name = "t" }, new() { Name = "later" }] }, 12);
            return metadata.Topics[1].ErrorCode == ErrorCode.None;
        });
        Assert.Equal(1, metadata!.Topics[0].Partitions[0].LeaderId);
    }

    private static int ConnectionsTo(TestBroker broker) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(connection => connection.State == TcpState.Established && connection.RemoteEndPoint.Port == broker.Port);

    private static async Task SetFetchersAsync(TestBroker broker, int count)
    {
        using TestClient client = await broker.ConnectAsync();
        IncrementalAlterConfigsResponse response = await client.CallAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
            new() { Resources = [new() { ResourceType = 4, ResourceName = "", Configs = [new() { Name = "num.replica.fetchers", Value = $"{count}" }] }] }, 1);
        Assert.Equal(ErrorCode.None, response.Responses[0].ErrorCode);
    }

    private static async Task ElectUncleanAsync(TestBroker broker, string topic)
    {
        using TestClient client = await broker.ConnectAsync();
        ElectLeadersResponse response = await client.CallAsync<ElectLeadersRequest, ElectLeadersResponse>(
            new() { ElectionType = 1, TimeoutMs = 10_000, TopicPartitions = [new() { Topic = topic, Partitions = [0] }] }, 2);
        Assert.Equal(ErrorCode.None, response.ReplicaElectionResults[0].PartitionResult[0].ErrorCode);
    }

    private static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        bool seen = await isSo();
        for (int tries = 0; tries < 1000 && !seen; tries++)
        {
            await Task.Delay(20);
            seen = await isSo();
        }

        Assert.True(seen);
    }

    private static async Task CreateAsync(TestCluster cluster, string topic, params int[][] replicas)
    {
        using TestClient client = await cluster.Brokers[0].ConnectAsync();
        CreateTopicsResponse response = await client.CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
            new()
            {
                TimeoutMs = 10_000,
                Topics =
                [
                    new()
                    {
                        Name = topic,
                        NumPartitions = -1,
                        ReplicationFactor = -1,
                        Assignments = [.. replicas.Select(static (brokers, index) => new CreateTopicsRequest.CreatableReplicaAssignment { PartitionIndex = index, BrokerIds = brokers })],
                    },
                ],
            },
            7);
        Assert.Equal(ErrorCode.None, response.Topics[0].ErrorCode);
    }

    private static async Task ProduceAsync(TestBroker broker, string topic, int partition, short acks, byte[] batch)
    {
        using TestClient client = await broker.ConnectAsync();
        ErrorCode error = ErrorCode.None;
        for (int tries = 0; tries < 500; tries++)
        {
            ProduceResponse response = await client.CallAsync<ProduceRequest, ProduceResponse>(
                new()
                {
                    Acks = acks,
                    TimeoutMs = 15_000,
                    TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = batch }] }],
                },
                9);
            error = response.Responses[0].PartitionResponses[0].ErrorCode;
            if (error is not (ErrorCode.NotLeaderOrFollower or ErrorCode.UnknownTopicOrPartition))
                break;

            // The news has not come to this broker yet.
            await Task.Delay(20);
        }

        Assert.Equal(ErrorCode.None, error);
    }

    /// <summary>Waits until the logs of all replicas are the same, without the room that is reserved behind their ends.</summary>
    private static async Task EqualAsync(TestCluster cluster, string partition, int records)
    {
        byte[][] logs = [];
        for (int tries = 0; tries < 1000; tries++)
        {
            logs = [.. cluster.Brokers.Select(broker => Log(broker, partition))];
            if (Array.TrueForAll(logs, log => CountOf(log) == records && log.AsSpan().SequenceEqual(logs[0])))
                return;
            await Task.Delay(20);
        }

        Assert.Fail($"{partition}: {string.Join(", ", logs.Select(static log => $"{CountOf(log)} records in {log.Length} bytes"))}");
    }

    private static byte[] Log(TestBroker broker, string partition)
    {
        string path = Path.Combine(broker.Directory, "data", partition, "00000000000000000000.log");
        if (!File.Exists(path))
            return [];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[(int)Math.Min(file.Length, 64 * 1024)];
        file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        int size = 0;
        while (RecordBatchView.TryRead(bytes.AsSpan(size), out RecordBatchView batch) == RecordBatchStatus.Ok)
            size += batch.SizeInBytes;
        return bytes[..size];
    }

    private static int CountOf(byte[] log)
    {
        int count = 0;
        for (int at = 0; RecordBatchView.TryRead(log.AsSpan(at), out RecordBatchView batch) == RecordBatchStatus.Ok; at += batch.SizeInBytes)
            count += batch.RecordCount;
        return count;
    }
}
