using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Testing;
using static KafkaCompatBroker.Protocol.Messages.DescribeLogDirsResponse;

namespace KafkaCompatBroker.Broker.Tests.Data;

/// <summary>Replicas that move to another log directory of their broker, as kafka-reassign-partitions asks for it.</summary>
public sealed class ReplicaMoveTests : IAsyncLifetime
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private TestBroker _broker = null!;
    private TestClient _client = null!;
    private int _produced;

    public async Task InitializeAsync()
    {
        string directories = Directory.CreateTempSubdirectory("moves-").FullName;
        _broker = await TestBroker.StartAsync(new Dictionary<string, string>
        {
            ["log.dirs"] = $"{directories}/one,{directories}/two",
            ["log.segment.bytes"] = "1048576",
        });
        await _broker.CreateTopicAsync("t");
        _client = await _broker.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        string directories = Path.GetDirectoryName((await DescribeAsync())[0].LogDir)!;
        _client.Dispose();
        await _broker.DisposeAsync();
        Directory.Delete(directories, recursive: true);
    }

    [Fact]
    public async Task A_replica_moves_while_it_is_written_to_and_keeps_every_record()
    {
        for (int at = 0; at < 50; at++)
            await ProduceAsync(40_000);
        (DescribeLogDirsResult from, DescribeLogDirsResult to) = await PlacesAsync();
        Assert.Equal(ErrorCode.None, await MoveAsync(to.LogDir));
        while (!await HasMovedAsync(to.LogDir))
            await ProduceAsync(10);
        for (int at = 0; at < 5; at++)
            await ProduceAsync(10);

        Assert.True(Directory.Exists(Path.Combine(to.LogDir, "t-0")));
        Assert.False(Directory.Exists(Path.Combine(from.LogDir, "t-0")));
        Assert.Equal(_produced, await EndOffsetAsync());
        Assert.Equal(_produced, await CountAsync());

        _client.Dispose();
        await _broker.RestartAsync();
        _client = await _broker.ConnectAsync();
        Assert.True(await HasMovedAsync(to.LogDir));
        Assert.Equal(_produced, await CountAsync());
        await ProduceAsync(10);
        Assert.Equal(_produced, await EndOffsetAsync());
    }

    [Fact]
    public async Task A_slow_move_is_shown_survives_a_restart_and_can_be_given_up()
    {
        for (int at = 0; at < 100; at++)
            await ProduceAsync(40_000);
        await ThrottleAsync("1000");
        (DescribeLogDirsResult from, DescribeLogDirsResult to) = await PlacesAsync();
        Assert.Equal(ErrorCode.None, await MoveAsync(to.LogDir));
        Assert.True((await FutureAsync(to.LogDir))!.OffsetLag > 0);

        _client.Dispose();
        await _broker.RestartAsync();
        _client = await _broker.ConnectAsync();
        Assert.True((await FutureAsync(to.LogDir))!.OffsetLag > 0);
        Assert.Single(Directory.GetDirectories(to.LogDir, "t-0.*-future"));

        Assert.Equal(ErrorCode.None, await MoveAsync(from.LogDir));
        Assert.Null(await FutureAsync(to.LogDir));
        Assert.Equal(_produced, await CountAsync());
    }

    [Fact]
    public async Task A_slow_move_is_fast_as_soon_as_the_limit_is_lifted()
    {
        for (int at = 0; at < 100; at++)
            await ProduceAsync(40_000);
        await ThrottleAsync("1");
        (_, DescribeLogDirsResult to) = await PlacesAsync();
        Assert.Equal(ErrorCode.None, await MoveAsync(to.LogDir));
        Assert.False(await HasMovedAsync(to.LogDir));

        await ThrottleAsync("100000000");
        using CancellationTokenSource patience = new(WaitMax);
        while (!await HasMovedAsync(to.LogDir))
            await Task.Delay(20, patience.Token);

        Assert.Equal(_produced, await CountAsync());
    }

    private async Task<DescribeLogDirsResult[]> DescribeAsync() =>
        (await _client.CallAsync<DescribeLogDirsRequest, DescribeLogDirsResponse>(new() { Topics = null }, 4)).Results;

    private async Task<(DescribeLogDirsResult From, DescribeLogDirsResult To)> PlacesAsync()
    {
        DescribeLogDirsResult[] directories = await DescribeAsync();
        Assert.Equal(2, directories.Length);
        return directories[0].Topics.Any(topic => topic.Name == "t") ? (directories[0], directories[1]) : (directories[1], directories[0]);
    }

    private async Task<bool> HasMovedAsync(string directory) => (await ReplicasAsync()).All(replica => replica.Directory == directory && !replica.Replica.IsFutureKey);

    private async Task<DescribeLogDirsPartition?> FutureAsync(string directory) =>
        (await ReplicasAsync()).SingleOrDefault(replica => replica.Directory == directory && replica.Replica.IsFutureKey).Replica;

    private async Task<IEnumerable<(string Directory, DescribeLogDirsPartition Replica)>> ReplicasAsync() =>
        (await DescribeAsync()).SelectMany(directory => directory.Topics.Where(topic => topic.Name == "t").Select(topic => (directory.LogDir, topic.Partitions[0])));

    private async Task<ErrorCode> MoveAsync(string directory) =>
        (await _client.CallAsync<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>(
            new() { Dirs = [new() { Path = directory, Topics = [new() { Name = "t", Partitions = [0] }] }] }, 2)).Results[0].Partitions[0].ErrorCode;

    private async Task ThrottleAsync(string bytesPerSecond)
    {
        IncrementalAlterConfigsResponse response = await _client.CallAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
            new()
            {
                Resources =
                [
                    new() { ResourceType = 4, ResourceName = "1", Configs = [new() { Name = "replica.alter.log.dirs.io.max.bytes.per.second", Value = bytesPerSecond }] },
                ],
            },
            1);
        Assert.Equal(ErrorCode.None, response.Responses[0].ErrorCode);
    }

    private async Task ProduceAsync(int valueBytes)
    {
        ProduceResponse response = await _client.CallAsync<ProduceRequest, ProduceResponse>(
            new() { Acks = -1, TimeoutMs = 5000, TopicData = [new() { Name = "t", PartitionData = [new() { Records = Batches.Of(new string('v', valueBytes)) }] }] }, 9);
        Assert.Equal((ErrorCode.None, _produced), (response.Responses[0].PartitionResponses[0].ErrorCode, response.Responses[0].PartitionResponses[0].BaseOffset));
        _produced++;
    }

    private async Task<long> EndOffsetAsync() =>
        (await _client.CallAsync<ListOffsetsRequest, ListOffsetsResponse>(
            new() { ReplicaId = -1, Topics = [new() { Name = "t", Partitions = [new() { Timestamp = -1 }] }] }, 5)).Topics[0].Partitions[0].Offset;

    private async Task<int> CountAsync()
    {
        int count = 0;
        using CancellationTokenSource patience = new(WaitMax);
        while (count < _produced)
        {
            patience.Token.ThrowIfCancellationRequested();
            FetchResponse response = await _client.CallAsync<FetchRequest, FetchResponse>(
                new() { MaxBytes = 1 << 20, MinBytes = 1, MaxWaitMs = 500, Topics = [new() { Topic = "t", Partitions = [new() { FetchOffset = count, PartitionMaxBytes = 1 << 20 }] }] }, 11);
            ReadOnlyMemory<byte> records = response.Responses[0].Partitions[0].Records ?? default;
            while (Protocol.Records.RecordBatchView.TryRead(records.Span, out var batch) == Protocol.Records.RecordBatchStatus.Ok)
            {
                Assert.Equal((long)count, batch.BaseOffset);
                count += batch.RecordCount;
                records = records[batch.SizeInBytes..];
            }
        }

        return count;
    }
}
