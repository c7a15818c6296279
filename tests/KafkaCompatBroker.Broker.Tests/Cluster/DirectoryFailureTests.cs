using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Cluster;

/// <summary>Brokers with two log directories of which one fails while they run (KIP-858).</summary>
public sealed class DirectoryFailureTests
{
    private const int Partitions = 4;

    private static readonly Dictionary<string, string> TwoDirectories = new()
    {
        ["log.dirs"] = "{directory}/one,{directory}/two",
        ["metadata.log.dir"] = "{directory}/one",
        ["min.insync.replicas"] = "1",
    };

    [Fact]
    public async Task Replicas_of_a_failed_directory_get_other_leaders_and_the_rest_stay()
    {
        await using TestQuorum quorum = await TestQuorum.StartAsync(2, isDynamic: true, TwoDirectories);
        TestBroker first = quorum.Nodes[0];
        await CreateAsync(first, "t", [.. Enumerable.Range(0, Partitions).Select(static _ => (int[])[1, 2])]);
        using TestClient other = await quorum.Nodes[1].ConnectAsync();
        int[] lost = HeldIn(first, "two", "t");
        Assert.InRange(lost.Length, 1, Partitions - 1);
        await WaitAsync(other, "t", partition => partition.IsrNodes.Length == 2);

        await BreakAsync(first, "two");
        await WaitAsync(other, "t", partition => lost.Contains(partition.PartitionIndex)
            ? partition is { LeaderId: 2, OfflineReplicas: [1] } && partition.IsrNodes is [2]
            : partition is { LeaderId: 1, OfflineReplicas: [] });
    }

    [Fact]
    public async Task Followers_in_a_failed_directory_leave_and_come_back_with_it()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 2, TwoDirectories);
        (TestBroker leader, TestBroker follower) = (cluster.Brokers[0], cluster.Brokers[1]);
        await CreateAsync(leader, "t", [.. Enumerable.Range(0, Partitions).Select(static _ => (int[])[1, 2])]);
        using TestClient client = await leader.ConnectAsync();
        await WaitAsync(client, "t", partition => partition.IsrNodes.Length == 2);
        int[] lost = HeldIn(follower, "two", "t");
        Assert.InRange(lost.Length, 1, Partitions - 1);

        await BreakAsync(follower, "two", brokerId: 2);
        await WaitAsync(client, "t", partition => lost.Contains(partition.PartitionIndex)
            ? partition is { LeaderId: 1, OfflineReplicas: [2], IsrNodes: [1] }
            : partition is { LeaderId: 1, OfflineReplicas: [], IsrNodes.Length: 2 });
        await ProduceAsync(leader, "t", lost[0], ErrorCode.None, acks: -1);

        await follower.Server.StopAsync();
        Mend(follower, "two");
        await follower.RunAsync();
        await WaitAsync(client, "t", partition => partition is { LeaderId: 1, OfflineReplicas: [], IsrNodes.Length: 2 });
        await ProduceAsync(leader, "t", lost[0], ErrorCode.None, acks: -1);
        Assert.Equal(lost, HeldIn(follower, "two", "t"));
    }

    [Fact]
    public async Task Partitions_without_another_replica_wait_for_their_directory_through_restarts()
    {
        await using TestBroker broker = await TestBroker.StartAsync(TwoDirectories);
        await CreateAsync(broker, "t", [.. Enumerable.Range(0, Partitions).Select(static _ => (int[])[1])]);
        int[] lost = HeldIn(broker, "two", "t");
        int kept = Enumerable.Range(0, Partitions).Except(lost).First();
        await ProduceAsync(broker, "t", lost[0], ErrorCode.None);

        await BreakAsync(broker, "two");
        await SeeAsync(broker, lost);
        await RefusesAsync(broker, lost[0]);
        await ProduceAsync(broker, "t", kept, ErrorCode.None);

        // Its directory is still not there: no empty log takes the place of the one in it.
        await broker.RestartAsync();
        await SeeAsync(broker, lost);
        await RefusesAsync(broker, lost[0]);
        await ProduceAsync(broker, "t", kept, ErrorCode.None);
        Assert.Empty(HeldIn(broker, "one", "t").Intersect(lost));

        await broker.Server.StopAsync();
        Mend(broker, "two");
        await broker.RunAsync();
        await SeeAsync(broker, []);
        Assert.Equal(1, await ProduceAsync(broker, "t", lost[0], ErrorCode.None));
    }

    [Fact]
    public async Task A_broker_without_any_directory_ends()
    {
        await using TestBroker broker = await TestBroker.StartAsync(new Dictionary<string, string>
        {
            ["log.dirs"] = "{directory}/data",
            ["metadata.log.dir"] = "{directory}/metadata",
        });
        await BreakAsync(broker, "data", isLast: true);
        Assert.Contains("data", (await broker.Server.Failure.WaitAsync(TimeSpan.FromMinutes(1))).Message, StringComparison.Ordinal);
        Mend(broker, "data");
    }

    private static async Task SeeAsync(TestBroker broker, int[] lost)
    {
        using TestClient client = await broker.ConnectAsync();
        await WaitAsync(client, "t", partition => lost.Contains(partition.PartitionIndex)
            ? partition is { LeaderId: -1, OfflineReplicas: [1] }
            : partition is { LeaderId: 1, OfflineReplicas: [] });
    }

    /// <summary>Whatever is asked about a partition in a failed directory, the answer is KAFKA_STORAGE_ERROR.</summary>
    private static async Task RefusesAsync(TestBroker broker, int partition)
    {
        using TestClient client = await broker.ConnectAsync();
        await ProduceAsync(broker, "t", partition, ErrorCode.KafkaStorageError);
        FetchResponse fetched = await client.CallAsync<FetchRequest, FetchResponse>(
            new() { ReplicaId = -1, MaxBytes = 1000, SessionEpoch = -1, Topics = [new() { Topic = "t", Partitions = [new() { Partition = partition, PartitionMaxBytes = 1000, CurrentLeaderEpoch = -1 }] }] }, 11);
        Assert.Equal(ErrorCode.KafkaStorageError, fetched.Responses[0].Partitions[0].ErrorCode);
        ListOffsetsResponse listed = await client.CallAsync<ListOffsetsRequest, ListOffsetsResponse>(
            new() { ReplicaId = -1, Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = partition, Timestamp = -1, CurrentLeaderEpoch = -1 }] }] }, 7);
        Assert.Equal(ErrorCode.KafkaStorageError, listed.Topics[0].Partitions[0].ErrorCode);
        DeleteRecordsResponse deleted = await client.CallAsync<DeleteRecordsRequest, DeleteRecordsResponse>(
            new() { TimeoutMs = 10_000, Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = partition, Offset = 0 }] }] }, 2);
        Assert.Equal(ErrorCode.KafkaStorageError, deleted.Topics[0].Partitions[0].ErrorCode);
        OffsetForLeaderEpochResponse ended = await client.CallAsync<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(
            new() { ReplicaId = -2, Topics = [new() { Topic = "t", Partitions = [new() { Partition = partition, CurrentLeaderEpoch = -1 }] }] }, 4);
        Assert.Equal(ErrorCode.KafkaStorageError, ended.Topics[0].Partitions[0].ErrorCode);
    }

    // What a disk that is gone looks like: nothing can be made in it. A topic is created so that somebody looks.
    private static async Task BreakAsync(TestBroker broker, string directory, bool isLast = false, int brokerId = 1)
    {
        string path = Path.Combine(broker.Directory, directory);
        Directory.Move(path, path + "-gone");
        File.WriteAllText(path, "");
        if (isLast) await broker.CreateTopicAsync("more");
        else await CreateAsync(broker, "more", [.. Enumerable.Range(0, 8).Select(_ => (int[])[brokerId])]);
    }

    private static void Mend(TestBroker broker, string directory)
    {
        string path = Path.Combine(broker.Directory, directory);
        File.Delete(path);
        Directory.Move(path + "-gone", path);
    }

    private static int[] HeldIn(TestBroker broker, string directory, string topic) =>
        [.. Enumerable.Range(0, Partitions).Where(partition => Directory.Exists(Path.Combine(broker.Directory, directory, $"{topic}-{partition}")))];

    private static async Task WaitAsync(TestClient client, string topic, Func<MetadataResponse.MetadataResponsePartition, bool> isRight)
    {
        using CancellationTokenSource tooLate = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            MetadataResponse answer = await client.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = [new() { Name = topic }] }, 9);
            MetadataResponse.MetadataResponsePartition[] partitions = answer.Topics[0].Partitions;
            if (partitions.Length == Partitions && partitions.All(isRight)) return;
            Assert.False(tooLate.IsCancellationRequested, string.Join(" | ", partitions.Select(static one =>
                $"{one.PartitionIndex}: leader {one.LeaderId}, in sync {string.Join(',', one.IsrNodes)}, offline {string.Join(',', one.OfflineReplicas)}")));
            await Task.Delay(20);
        }
    }

    private static async Task CreateAsync(TestBroker broker, string topic, int[][] replicas)
    {
        using TestClient client = await broker.ConnectAsync();
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

    private static async Task<long> ProduceAsync(TestBroker broker, string topic, int partition, ErrorCode expected, short acks = 1)
    {
        using TestClient client = await broker.ConnectAsync();
        ProduceResponse response = await client.CallAsync<ProduceRequest, ProduceResponse>(
            new() { Acks = acks, TimeoutMs = 10_000, TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = Batches.Of("x") }] }] }, 9);
        Assert.Equal(expected, response.Responses[0].PartitionResponses[0].ErrorCode);
        return response.Responses[0].PartitionResponses[0].BaseOffset;
    }
}
