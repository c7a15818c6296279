using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Requests;

/// <summary>Quotas of clients as they meet them: throttle times in answers, and connections on which nothing is read for as long.</summary>
public sealed class ClientQuotaTests : OneBrokerTests
{
    private const short ProduceVersion = 9;
    private const short FetchVersion = 12;
    private const int WindowMs = 1000;

    // So little that a single request is throttled for longer than a test lasts.
    private const double Tiny = 1;

    private static readonly byte[] Records = Batches.Of(new string('x', 1000));

    [Fact]
    public async Task A_producer_over_its_quota_is_told_at_once_and_not_read_from()
    {
        await Broker.CreateTopicAsync("t");
        await AlterAsync("client-id", Client.ClientId, "producer_byte_rate", Tiny);

        ProduceResponse answer = await ProduceAsync(acks: -1);
        Assert.Equal(ErrorCode.None, answer.Responses[0].PartitionResponses[0].ErrorCode);
        Assert.InRange(answer.ThrottleTimeMs, 1_000_000, 1_300_000);
        await AssertMutedAsync();
        Assert.Equal(1, await EndOffsetAsync());
    }

    [Fact]
    public async Task A_throttle_ends()
    {
        await Broker.CreateTopicAsync("t");
        // Ten seconds' worth may come at once, with some of these bytes more.
        await AlterAsync("client-id", Client.ClientId, "producer_byte_rate", 100);
        ProduceResponse answer = await ProduceAsync(acks: -1);
        Assert.InRange(answer.ThrottleTimeMs, 1, 5000);
        Assert.Equal(ErrorCode.None, (await Client.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new(), 0)).ErrorCode);
    }

    [Fact]
    public async Task A_producer_that_wants_no_answer_is_not_read_from()
    {
        await Broker.CreateTopicAsync("t");
        await AlterAsync("client-id", Client.ClientId, "producer_byte_rate", Tiny);
        await SendProduceAsync(acks: 0);
        await AssertMutedAsync();
        // Nobody tells when it is there.
        while (await EndOffsetAsync() < 1) await Task.Yield();
    }

    [Fact]
    public async Task A_consumer_over_its_quota_gets_nothing_until_it_may()
    {
        await Broker.CreateTopicAsync("t");
        await ProduceAsync(acks: -1);
        await AlterAsync("user", "ANONYMOUS", "consumer_byte_rate", Tiny);
        FetchResponse throttled = await FetchAsync(Client, sessionId: 0, epoch: 0);
        Assert.InRange(throttled.ThrottleTimeMs, 1_000_000, 1_300_000);
        Assert.Equal(0, throttled.SessionId);
        Assert.Empty(throttled.Responses);
        await AssertMutedAsync();

        await AlterAsync("user", "ANONYMOUS", "consumer_byte_rate", null);
        using TestClient other = await Broker.ConnectAsync();
        FetchResponse fetched = await FetchAsync(other, sessionId: 0, epoch: 0);
        Assert.Equal(0, fetched.ThrottleTimeMs);
        Assert.True(fetched.Responses[0].Partitions[0].Records!.Value.Length > 0);
    }

    [Fact]
    public async Task A_throttled_fetch_leaves_its_session_as_it_was()
    {
        await Broker.CreateTopicAsync("t");
        FetchResponse opened = await FetchAsync(Client, sessionId: 0, epoch: 0);
        Assert.NotEqual(0, opened.SessionId);
        await ProduceAsync(acks: -1);
        await AlterAsync("client-id", Client.ClientId, "consumer_byte_rate", Tiny);
        // Nothing is there to read, but the high watermark is news.
        FetchResponse throttled = await FetchAsync(Client, opened.SessionId, epoch: 1, offset: 1);
        Assert.Equal(opened.SessionId, throttled.SessionId);
        Assert.Empty(throttled.Responses);

        await AlterAsync("client-id", Client.ClientId, "consumer_byte_rate", null);
        using TestClient again = await Broker.ConnectAsync();
        FetchResponse fetched = await FetchAsync(again, opened.SessionId, epoch: 2);
        Assert.Equal(ErrorCode.None, fetched.ErrorCode);
        Assert.Equal(1, Assert.Single(fetched.Responses).Partitions[0].HighWatermark);
    }

    [Fact]
    public async Task Request_time_over_the_quota_throttles_any_request_for_a_window_at_most()
    {
        await AlterAsync("user", null, "request_percentage", 1e-9);
        Assert.Equal(WindowMs, (await Client.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = [] }, 9)).ThrottleTimeMs);
        using TestClient admin = await Broker.ConnectAsync();
        Assert.Equal(WindowMs, (await admin.CallAsync<ListGroupsRequest, ListGroupsResponse>(new(), 4)).ThrottleTimeMs);
        using TestClient old = await Broker.ConnectAsync();
        Assert.Single((await old.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = [] }, 0)).Brokers);
    }

    [Fact]
    public async Task Changes_of_partitions_over_the_quota_are_refused_from_the_versions_on_that_know_the_error()
    {
        await AlterAsync("user", "ANONYMOUS", "controller_mutation_rate", Tiny);
        CreateTopicsResponse created = await CreateAsync(Client, 7, ("a", 12), ("b", 1));
        Assert.Equal([ErrorCode.None, ErrorCode.ThrottlingQuotaExceeded], created.Topics.Select(topic => topic.ErrorCode));
        Assert.InRange(created.ThrottleTimeMs, 1, 2000);

        using TestClient old = await Broker.ConnectAsync();
        CreateTopicsResponse accepted = await CreateAsync(old, 5, ("c", 40));
        Assert.Equal(ErrorCode.None, accepted.Topics[0].ErrorCode);
        Assert.InRange(accepted.ThrottleTimeMs, 10_000, 42_000);

        using TestClient deleter = await Broker.ConnectAsync();
        DeleteTopicsResponse deleted = await deleter.CallAsync<DeleteTopicsRequest, DeleteTopicsResponse>(
            new() { Topics = [new() { Name = "a" }], TimeoutMs = 1000 }, 6);
        Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, deleted.Responses[0].ErrorCode);
        Assert.InRange(deleted.ThrottleTimeMs, 10_000, 42_000);

        using TestClient grower = await Broker.ConnectAsync();
        CreatePartitionsResponse grown = await grower.CallAsync<CreatePartitionsRequest, CreatePartitionsResponse>(
            new() { Topics = [new() { Name = "a", Count = 13, Assignments = null }], TimeoutMs = 1000 }, 3);
        Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, grown.Results[0].ErrorCode);
    }

    [Fact]
    public async Task A_broker_passes_on_the_throttle_of_the_controller()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(1);
        using TestClient client = await cluster.Brokers[0].ConnectAsync();
        using TestClient other = await cluster.Brokers[0].ConnectAsync();
        await AlterAsync(other, "client-id", client.ClientId, "controller_mutation_rate", Tiny);
        CreateTopicsResponse created = await CreateAsync(client, 7, ("a", 30), ("b", 1));
        Assert.Equal([ErrorCode.None, ErrorCode.ThrottlingQuotaExceeded], created.Topics.Select(topic => topic.ErrorCode));
        Assert.InRange(created.ThrottleTimeMs, 10_000, 20_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Topics_that_a_client_creates_by_using_them_are_counted_for_it(bool isForwarded)
    {
        await using TestCluster? cluster = isForwarded ? await TestCluster.StartAsync(1) : null;
        TestBroker broker = cluster?.Brokers[0] ?? Broker;
        using TestClient client = await broker.ConnectAsync();
        using TestClient other = await broker.ConnectAsync();
        other.ClientId = "other";
        await AlterAsync(other, "client-id", client.ClientId, "controller_mutation_rate", Tiny);
        await UseAsync(client, "first");
        while (await UseAsync(other, "first", mayCreate: false) != ErrorCode.None) await Task.Yield();
        // That was one of eleven tokens.
        CreateTopicsResponse created = await CreateAsync(client, 7, ("a", 60));
        Assert.Equal(ErrorCode.None, created.Topics[0].ErrorCode);

        await UseAsync(client, "second");
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await UseAsync(client, "second"));
        await UseAsync(other, "second");
        while (await UseAsync(other, "second", mayCreate: false) != ErrorCode.None) await Task.Yield();
    }

    [Fact]
    public async Task Who_has_no_quota_is_not_throttled_by_that_of_others()
    {
        await Broker.CreateTopicAsync("t");
        await AlterAsync("client-id", "somebody", "producer_byte_rate", Tiny);
        await AlterAsync("user", "somebody", "request_percentage", 1e-9);
        Assert.Equal(0, (await ProduceAsync(acks: 1)).ThrottleTimeMs);
        Assert.Equal(0, (await FetchAsync(Client, 0, -1)).ThrottleTimeMs);
    }

    /// <summary>A request on the connection under test has no answer when later ones on another connection have theirs.</summary>
    private async Task AssertMutedAsync()
    {
        await Client.SendAsync(new ApiVersionsRequest(), 0);
        Task<ApiVersionsResponse> answer = Client.ReceiveAsync<ApiVersionsResponse>(ApiKey.ApiVersions, 0);
        using TestClient other = await Broker.ConnectAsync();
        other.ClientId = "other";
        for (int i = 0; i < 20; i++) await other.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new(), 0);
        Assert.False(answer.IsCompleted);
    }

    private static async Task<ErrorCode> UseAsync(TestClient client, string topic, bool mayCreate = true) => (await client.CallAsync<MetadataRequest, MetadataResponse>(
        new() { Topics = [new() { Name = topic }], AllowAutoTopicCreation = mayCreate }, 9)).Topics[0].ErrorCode;

    private async Task AlterAsync(string entityType, string? entityName, string key, double? value)
    {
        using TestClient admin = await Broker.ConnectAsync();
        await AlterAsync(admin, entityType, entityName, key, value);
    }

    private static async Task AlterAsync(TestClient admin, string entityType, string? entityName, string key, double? value)
    {
        AlterClientQuotasResponse altered = await admin.CallAsync<AlterClientQuotasRequest, AlterClientQuotasResponse>(
            new()
            {
                Entries =
                [
                    new()
                    {
                        Entity = [new AlterClientQuotasRequest.EntityData { EntityType = entityType, EntityName = entityName }],
                        Ops = [new AlterClientQuotasRequest.OpData { Key = key, Value = value ?? 0, Remove = value is null }],
                    },
                ],
            },
            1);
        Assert.Equal(ErrorCode.None, altered.Entries[0].ErrorCode);
    }

    private Task SendProduceAsync(short acks) => Client.SendAsync(Produce(acks), ProduceVersion);

    private Task<ProduceResponse> ProduceAsync(short acks) => Client.CallAsync<ProduceRequest, ProduceResponse>(Produce(acks), ProduceVersion);

    private static ProduceRequest Produce(short acks) => new()
    {
        Acks = acks,
        TimeoutMs = 5000,
        TopicData = [new() { Name = "t", PartitionData = [new() { Index = 0, Records = Records }] }],
    };

    private static Task<FetchResponse> FetchAsync(TestClient client, int sessionId, int epoch, long? offset = null) => client.CallAsync<FetchRequest, FetchResponse>(
        new()
        {
            MaxBytes = 1 << 20,
            SessionId = sessionId,
            SessionEpoch = epoch,
            Topics = epoch > 0 && offset is null ? [] : [new() { Topic = "t", Partitions = [new() { Partition = 0, FetchOffset = offset ?? 0, PartitionMaxBytes = 1 << 20 }] }],
        },
        FetchVersion);

    private static Task<CreateTopicsResponse> CreateAsync(TestClient client, short version, params (string Name, int Partitions)[] topics) =>
        client.CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
            new()
            {
                TimeoutMs = 10_000,
                Topics = [.. topics.Select(topic => new CreateTopicsRequest.CreatableTopic { Name = topic.Name, NumPartitions = topic.Partitions, ReplicationFactor = 1 })],
            },
            version);

    private async Task<long> EndOffsetAsync()
    {
        using TestClient other = await Broker.ConnectAsync();
        other.ClientId = "other";
        ListOffsetsResponse answer = await other.CallAsync<ListOffsetsRequest, ListOffsetsResponse>(
            new() { ReplicaId = -1, Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, Timestamp = -1, CurrentLeaderEpoch = -1 }] }] }, 5);
        return answer.Topics[0].Partitions[0].Offset;
    }
}
