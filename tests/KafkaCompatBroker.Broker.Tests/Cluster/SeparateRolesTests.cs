using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Cluster;

public class SeparateRolesTests
{
    private const string Topic = "spread";
    private const int Partitions = 4;
    private const short MetadataVersion = 12;

    [Fact]
    public async Task Topics_are_spread_over_brokers_and_survive_the_restart_of_one()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(2);
        Uuid id = await cluster.Brokers[1].CreateTopicAsync(Topic, Partitions);
        MetadataResponse.MetadataResponsePartition[] partitions = await LedAsync(cluster.Brokers[0]);
        Assert.Equal([1, 2], partitions.Select(static partition => partition.LeaderId).Distinct().Order());

        foreach (MetadataResponse.MetadataResponsePartition partition in partitions)
            await ProduceAsync(cluster, partition, $"value {partition.PartitionIndex}");
        await cluster.Brokers[0].RestartAsync();

        foreach (MetadataResponse.MetadataResponsePartition partition in await LedAsync(cluster.Brokers[0]))
        {
            using TestClient client = await cluster.Brokers[partition.LeaderId - 1].ConnectAsync();
            FetchResponse fetched = await client.CallAsync<FetchRequest, FetchResponse>(
                new() { MaxBytes = 1 << 20, Topics = [new() { TopicId = id, Partitions = [new() { Partition = partition.PartitionIndex, PartitionMaxBytes = 1 << 20 }] }] }, 16);
            FetchResponse.PartitionData data = fetched.Responses[0].Partitions[0];
            Assert.Equal(ErrorCode.None, data.ErrorCode);
            Assert.Equal(1, data.HighWatermark);
            Assert.Contains($"value {partition.PartitionIndex}", System.Text.Encoding.UTF8.GetString(data.Records!.Value.Span), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Brokers_get_different_producer_ids_and_show_as_observers()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(2);
        List<long> producerIds = [];
        foreach (TestBroker broker in cluster.Brokers)
        {
            using TestClient client = await broker.ConnectAsync();
            InitProducerIdResponse answer = await client.CallAsync<InitProducerIdRequest, InitProducerIdResponse>(new() { TransactionalId = null, TransactionTimeoutMs = 1000 }, 4);
            Assert.Equal(ErrorCode.None, answer.ErrorCode);
            producerIds.Add(answer.ProducerId);
        }

        Assert.Equal(2, producerIds.Distinct().Count());
        using TestClient asker = await cluster.Brokers[0].ConnectAsync();
        DescribeQuorumResponse quorum = await asker.CallAsync<DescribeQuorumRequest, DescribeQuorumResponse>(
            new() { Topics = [new() { TopicName = "__cluster_metadata", Partitions = [new() { PartitionIndex = 0 }] }] }, 2);
        DescribeQuorumResponse.PartitionData log = quorum.Topics[0].Partitions[0];
        Assert.Equal(100, log.LeaderId);
        Assert.Equal([1, 2], log.Observers.Select(static observer => observer.ReplicaId));
    }

    [Fact]
    public async Task Brokers_find_a_controller_that_was_away_for_longer_than_they_wait()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1);
        await cluster.Controller.Server.StopAsync();
        // Long enough for the brokers to give the leader up.
        await Task.Delay(TimeSpan.FromMilliseconds(2_500));
        await cluster.Controller.RestartAsync();
        await cluster.Brokers[0].CreateTopicAsync(Topic, Partitions);
        Assert.Equal(Partitions, (await LedAsync(cluster.Brokers[0])).Length);
    }

    [Fact]
    public async Task The_controller_refuses_followers_of_another_cluster()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(0);
        using TestClient client = await TestClient.ConnectAsync(cluster.ControllerPort);
        FetchResponse answer = await client.CallAsync<FetchRequest, FetchResponse>(new() { ClusterId = "another", Topics = [new() { TopicId = Uuid.One, Partitions = [new()] }] }, 17);
        Assert.Equal(ErrorCode.InconsistentClusterId, answer.ErrorCode);
        answer = await client.CallAsync<FetchRequest, FetchResponse>(new(), 17);
        Assert.Equal(ErrorCode.InvalidRequest, answer.ErrorCode);
    }

    [Fact]
    public async Task A_damaged_envelope_is_an_invalid_request()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(0);
        using TestClient client = await TestClient.ConnectAsync(cluster.ControllerPort);
        EnvelopeResponse answer = await client.CallAsync<EnvelopeRequest, EnvelopeResponse>(new() { RequestData = new byte[] { 0, 19, 0 }, RequestPrincipal = null }, 0);
        Assert.Equal(ErrorCode.InvalidRequest, answer.ErrorCode);
        answer = await client.CallAsync<EnvelopeRequest, EnvelopeResponse>(new() { RequestData = new byte[] { 0, 3, 0, 12, 0, 0, 0, 1 }, RequestPrincipal = null }, 0);
        Assert.Equal(ErrorCode.UnsupportedVersion, answer.ErrorCode);
    }

    /// <summary>The topic's partitions, once this broker knows a leader for each.</summary>
    private static async Task<MetadataResponse.MetadataResponsePartition[]> LedAsync(TestBroker broker)
    {
        using TestClient client = await broker.ConnectAsync();
        while (true)
        {
            MetadataResponse answer = await client.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = [new() { Name = Topic }] }, MetadataVersion);
            if (answer.Topics[0].Partitions is { Length: Partitions } partitions && partitions.All(static partition => partition.LeaderId > 0)) return partitions;
            await Task.Delay(20);
        }
    }

    private static async Task ProduceAsync(TestCluster cluster, MetadataResponse.MetadataResponsePartition partition, string value)
    {
        using TestClient client = await cluster.Brokers[partition.LeaderId - 1].ConnectAsync();
        while (true)
        {
            ProduceResponse answer = await client.CallAsync<ProduceRequest, ProduceResponse>(
                new()
                {
                    Acks = -1,
                    TimeoutMs = 5_000,
                    TopicData = [new() { Name = Topic, PartitionData = [new() { Index = partition.PartitionIndex, Records = Batches.Of(value) }] }],
                },
                9);
            ErrorCode error = answer.Responses[0].PartitionResponses[0].ErrorCode;
            if (error == ErrorCode.None) return;
            // Brokers learn of a topic one after the other.
            Assert.Contains(error, (ErrorCode[])[ErrorCode.UnknownTopicOrPartition, ErrorCode.NotLeaderOrFollower]);
            await Task.Delay(20);
        }
    }
}
