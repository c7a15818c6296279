using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Cluster;

/// <summary>The leader's side of replication, with a follower that the test plays, through the real controller.</summary>
public sealed class LeaderTests : IAsyncLifetime
{
    private const string Topic = "t";
    private const int FollowerId = 2;
    private const sbyte TopicResource = 2;
    private const sbyte BrokerResource = 4;

    private TestBroker _node = null!;
    private TestClient _client = null!;
    private PlayedFollower _follower = null!;
    private Uuid _topic;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _follower?.Dispose();
        _client?.Dispose();
        if (_node is not null) await _node.DisposeAsync();
    }

    [Fact]
    public async Task Produce_with_acks_all_waits_until_the_follower_asks_for_what_comes_after()
    {
        await StartAsync();
        Task<ProduceResponse.PartitionProduceResponse> produce = ProduceAsync(-1, "a", "b");
        FetchResponse.PartitionData first = await _follower.FetchAsync(_topic, 0, waitMs: 30_000);
        Assert.NotEqual(0, first.Records!.Value.Length);
        Assert.Equal(0, first.HighWatermark);
        Assert.False(produce.IsCompleted);

        FetchResponse.PartitionData second = await _follower.FetchAsync(_topic, 2);

        Assert.Equal(2, second.HighWatermark);
        ProduceResponse.PartitionProduceResponse produced = await produce;
        Assert.Equal((ErrorCode.None, 0), (produced.ErrorCode, produced.BaseOffset));
    }

    [Fact]
    public async Task Silent_follower_leaves_the_in_sync_replicas_and_enters_again_when_it_has_everything()
    {
        await StartAsync(lagMs: 300);
        ProduceResponse.PartitionProduceResponse produced = await ProduceAsync(-1, "a");
        Assert.Equal(ErrorCode.None, produced.ErrorCode);
        Assert.Equal("1", await IsrAsync());
        Assert.Equal(ErrorCode.None, (await ProduceAsync(-1, "b")).ErrorCode);

        await _follower.FetchAsync(_topic, 0);
        Assert.Equal("1", await IsrAsync());
        await _follower.FetchAsync(_topic, 2);

        Assert.Equal("1,2", await UntilIsrAsync(2));
    }

    [Fact]
    public async Task Too_few_in_sync_replicas_refuse_acks_all_and_hide_what_is_written_anyhow()
    {
        await StartAsync(lagMs: 300, minInSync: 2);
        ProduceResponse.PartitionProduceResponse tooLate = await ProduceAsync(-1, 500, "a");
        Assert.Contains(tooLate.ErrorCode, (ErrorCode[])[ErrorCode.RequestTimedOut, ErrorCode.NotEnoughReplicasAfterAppend, ErrorCode.NotEnoughReplicas]);
        await UntilIsrAsync(1);

        Assert.Equal(ErrorCode.NotEnoughReplicas, (await ProduceAsync(-1, "b")).ErrorCode);
        ProduceResponse.PartitionProduceResponse weak = await ProduceAsync(1, "c");
        Assert.Equal(ErrorCode.None, weak.ErrorCode);
        Assert.Equal(0, await EndAsync());
        await _follower.FetchAsync(_topic, weak.BaseOffset + 1);
        await UntilIsrAsync(2);

        Assert.Equal(weak.BaseOffset + 1, await EndAsync());
    }

    [Fact]
    public async Task Fetches_that_prove_nothing_move_nothing()
    {
        await StartAsync();
        Assert.Equal(ErrorCode.None, (await ProduceAsync(1, "a", "b")).ErrorCode);

        Assert.Equal(ErrorCode.NotLeaderOrFollower, (await _follower.FetchAsync(_topic, 2, brokerEpoch: _follower.Epoch - 1)).ErrorCode);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, (await _follower.FetchAsync(_topic, 2, replicaId: 9)).ErrorCode);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, (await _follower.FetchAsync(_topic, 2, leaderEpoch: 1)).ErrorCode);
        Assert.Equal(ErrorCode.OffsetOutOfRange, (await _follower.FetchAsync(_topic, 3)).ErrorCode);
        FetchResponse.PartitionData diverging = await _follower.FetchAsync(_topic, 7, lastEpoch: 0);
        Assert.Equal((ErrorCode.None, 0, 2), (diverging.ErrorCode, diverging.DivergingEpoch.Epoch, diverging.DivergingEpoch.EndOffset));
        Assert.Equal(0, await EndAsync());

        Assert.Equal(2, (await _follower.FetchAsync(_topic, 2, lastEpoch: 0)).HighWatermark);
    }

    [Fact]
    public async Task Fenced_broker_copies_but_does_not_enter()
    {
        await StartAsync();
        await _follower.BeatAsync(wantsFence: true);
        Assert.Equal("1", await UntilIsrAsync(1));

        Assert.Equal(ErrorCode.None, (await _follower.FetchAsync(_topic, 0)).ErrorCode);
        Assert.Equal("1", await IsrAsync());
        await _follower.BeatAsync();
        await _follower.FetchAsync(_topic, 0);

        Assert.Equal("1,2", await UntilIsrAsync(2));
    }

    [Fact]
    public async Task Deleted_records_are_gone_when_the_follower_has_deleted_them()
    {
        await StartAsync();
        await ProduceAsync(1, "a", "b", "c");
        await _follower.FetchAsync(_topic, 3);
        DeleteRecordsResponse.DeleteRecordsPartitionResult tooLate = await DeleteAsync(1, timeoutMs: 1);
        Assert.Equal(ErrorCode.RequestTimedOut, tooLate.ErrorCode);

        Task<DeleteRecordsResponse.DeleteRecordsPartitionResult> deletion = DeleteAsync(2, timeoutMs: 60_000);
        while (!deletion.IsCompleted)
        {
            FetchResponse.PartitionData answer = await _follower.FetchAsync(_topic, 3, logStart: 0);
            await _follower.FetchAsync(_topic, 3, logStart: answer.LogStartOffset);
        }

        Assert.Equal((ErrorCode.None, 2), ((await deletion).ErrorCode, (await deletion).LowWatermark));
    }

    [Fact]
    public async Task Throttle_holds_back_followers_that_lag_and_no_others()
    {
        await StartAsync();
        await ProduceAsync(1, "a");
        await ConfigureAsync(TopicResource, Topic, "leader.replication.throttled.replicas", "0:1");
        await ConfigureAsync(BrokerResource, "1", "leader.replication.throttled.rate", "0");
        Assert.NotEqual(0, Size(await _follower.FetchAsync(_topic, 0)));
        Assert.NotEqual(0, Size(await _follower.FetchAsync(_topic, 0)));

        await _follower.BeatAsync(wantsFence: true);
        await UntilIsrAsync(1);
        Assert.Equal(0, Size(await _follower.FetchAsync(_topic, 0)));

        await ConfigureAsync(TopicResource, Topic, "leader.replication.throttled.replicas", "0:2,1:1");
        Assert.NotEqual(0, Size(await _follower.FetchAsync(_topic, 0)));
        await ConfigureAsync(TopicResource, Topic, "leader.replication.throttled.replicas", "*");
        Assert.Equal(0, Size(await _follower.FetchAsync(_topic, 0)));
        await ConfigureAsync(BrokerResource, "1", "leader.replication.throttled.rate", null);
        Assert.NotEqual(0, Size(await _follower.FetchAsync(_topic, 0)));
    }

    private static int Size(FetchResponse.PartitionData answer)
    {
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return answer.Records?.Length ?? 0;
    }

    private async Task ConfigureAsync(sbyte resourceType, string name, string property, string? value)
    {
        IncrementalAlterConfigsResponse response = await _client.CallAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
            new()
            {
                Resources =
                [
                    new() { ResourceType = resourceType, ResourceName = name, Configs = [new() { Name = property, Value = value, ConfigOperation = (sbyte)(value is null ? 1 : 0) }] },
                ],
            },
            1);
        Assert.Equal(ErrorCode.None, response.Responses[0].ErrorCode);
    }

    [Fact]
    public async Task Consumer_is_sent_to_the_replica_in_its_rack_when_that_has_what_it_asks_for()
    {
        await StartAsync();
        Task<ProduceResponse.PartitionProduceResponse> produce = ProduceAsync(-1, "a", "b");
        await _follower.FetchAsync(_topic, 0, waitMs: 30_000);
        await _follower.FetchAsync(_topic, 2);
        await produce;
        await ProduceAsync(1, "c");

        FetchResponse.PartitionData sentAway = await ReadAsync("rack-2", offset: 0);
        Assert.Equal((FollowerId, 2, 0), (sentAway.PreferredReadReplica, sentAway.HighWatermark, sentAway.Records!.Value.Length));
        Assert.Equal(FollowerId, (await ReadAsync("rack-2", offset: 2)).PreferredReadReplica);
        Assert.Equal(-1, (await ReadAsync("rack-2", offset: 3)).PreferredReadReplica);
        foreach (string rack in (string[])["rack-1", "rack-3", ""])
        {
            FetchResponse.PartitionData served = await ReadAsync(rack, offset: 0);
            Assert.Equal(-1, served.PreferredReadReplica);
            Assert.NotEqual(0, served.Records!.Value.Length);
        }
    }

    private async Task<FetchResponse.PartitionData> ReadAsync(string rack, long offset)
    {
        FetchResponse response = await _client.CallAsync<FetchRequest, FetchResponse>(
            new()
            {
                MaxBytes = 1 << 20,
                RackId = rack,
                Topics = [new() { TopicId = _topic, Partitions = [new() { FetchOffset = offset, PartitionMaxBytes = 1 << 20 }] }],
            },
            13);
        return response.Responses[0].Partitions[0];
    }

    private async Task StartAsync(int lagMs = 60_000, int minInSync = 1)
    {
        _node = await TestBroker.StartAsync(new Dictionary<string, string>
        {
            ["broker.session.timeout.ms"] = "600000",
            ["replica.lag.time.max.ms"] = lagMs.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["replica.fetch.wait.max.ms"] = "100",
            ["broker.rack"] = "rack-1",
            ["replica.selector.class"] = "org.apache.kafka.common.replica.RackAwareReplicaSelector",
            ["replication.quota.window.size.seconds"] = "3600",
        });
        _client = await _node.ConnectAsync();
        _follower = await PlayedFollower.StartAsync(FollowerId, _node);
        CreateTopicsResponse created = await _client.CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
            new()
            {
                TimeoutMs = 10_000,
                Topics =
                [
                    new()
                    {
                        Name = Topic,
                        NumPartitions = -1,
                        ReplicationFactor = -1,
                        Assignments = [new() { PartitionIndex = 0, BrokerIds = [1, FollowerId] }],
                        Configs = [new() { Name = "min.insync.replicas", Value = minInSync.ToString(System.Globalization.CultureInfo.InvariantCulture) }],
                    },
                ],
            },
            7);
        Assert.Equal(ErrorCode.None, created.Topics[0].ErrorCode);
        _topic = created.Topics[0].TopicId;
    }

    private Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(short acks, params string[] values) => ProduceAsync(acks, 30_000, values);

    private async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(short acks, int timeoutMs, params string[] values)
    {
        using TestClient producer = await _node.ConnectAsync();
        ProduceResponse response = await producer.CallAsync<ProduceRequest, ProduceResponse>(
            new() { Acks = acks, TimeoutMs = timeoutMs, TopicData = [new() { Name = Topic, PartitionData = [new() { Records = Batches.Of(values) }] }] }, 9);
        return response.Responses[0].PartitionResponses[0];
    }

    private async Task<DeleteRecordsResponse.DeleteRecordsPartitionResult> DeleteAsync(long offset, int timeoutMs)
    {
        using TestClient client = await _node.ConnectAsync();
        DeleteRecordsResponse response = await client.CallAsync<DeleteRecordsRequest, DeleteRecordsResponse>(
            new() { TimeoutMs = timeoutMs, Topics = [new() { Name = Topic, Partitions = [new() { Offset = offset }] }] }, 2);
        return response.Topics[0].Partitions[0];
    }

    private async Task<long> EndAsync()
    {
        ListOffsetsResponse response = await _client.CallAsync<ListOffsetsRequest, ListOffsetsResponse>(
            new() { ReplicaId = -1, Topics = [new() { Name = Topic, Partitions = [new() { Timestamp = -1, CurrentLeaderEpoch = -1 }] }] }, 7);
        return response.Topics[0].Partitions[0].Offset;
    }

    private async Task<string> IsrAsync()
    {
        MetadataResponse response = await _client.CallAsync<MetadataRequest, MetadataResponse>(new() { Topics = [new() { Name = Topic }] }, 12);
        return string.Join(',', response.Topics[0].Partitions[0].IsrNodes.Order());
    }

    private async Task<string> UntilIsrAsync(int count)
    {
        string isr = await IsrAsync();
        for (int tries = 0; isr.Split(',').Length != count && tries < 1000; tries++)
        {
            await Task.Delay(20);
            isr = await IsrAsync();
        }

        return isr;
    }
}
