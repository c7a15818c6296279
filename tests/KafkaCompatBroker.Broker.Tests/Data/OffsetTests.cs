using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Testing;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Data;

public sealed class OffsetTests : IAsyncLifetime
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long LargestTimestamp = -3;
    private const long EarliestLocal = -4;
    private const long LatestTiered = -5;
    private const long EarliestPendingUpload = -6;

    private TestBroker _broker = null!;
    private TestClient _client = null!;

    public async Task InitializeAsync()
    {
        _broker = await TestBroker.StartAsync();
        _client = await _broker.ConnectAsync();
        await _broker.CreateTopicAsync("t");
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(11)]
    public async Task Ends_of_a_partition(short version)
    {
        await ProduceAsync("a", "b", "c");

        Assert.Equal((ErrorCode.None, 3), await FindAsync(Latest, version));
        Assert.Equal((ErrorCode.None, 0), await FindAsync(Earliest, version));
    }

    [Fact]
    public async Task First_record_at_or_after_a_time()
    {
        await ProduceAsync("a", "b", "c");

        Assert.Equal((ErrorCode.None, 1), await FindAsync(Batches.TimestampMs + 1, 7));
        Assert.Equal((ErrorCode.None, 0), await FindAsync(0, 7));
        Assert.Equal((ErrorCode.None, -1), await FindAsync(Batches.TimestampMs + 3, 7));
    }

    [Theory]
    [InlineData(LargestTimestamp, 7, 2)]
    [InlineData(EarliestLocal, 8, 0)]
    [InlineData(LatestTiered, 9, -1)]
    [InlineData(EarliestPendingUpload, 11, -1)]
    public async Task Special_timestamps_exist_since_their_version(long timestamp, short since, long expected)
    {
        await ProduceAsync("a", "b", "c");

        Assert.Equal((ErrorCode.None, expected), await FindAsync(timestamp, since));
        Assert.Equal((ErrorCode.UnsupportedVersion, -1), await FindAsync(timestamp, (short)(since - 1)));
    }

    [Fact]
    public async Task Same_partition_twice_is_refused()
    {
        ListOffsetsRequest request = Request(Latest);
        request.Topics[0].Partitions = [.. request.Topics[0].Partitions, .. Request(Earliest).Topics[0].Partitions];

        ListOffsetsResponse response = await _client.CallAsync<ListOffsetsRequest, ListOffsetsResponse>(request, 7);

        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(response.Topics[0].Partitions).ErrorCode);
    }

    [Fact]
    public async Task Records_below_an_offset_are_deleted()
    {
        await ProduceAsync("a", "b", "c");

        Assert.Equal((ErrorCode.None, 2), await DeleteAsync("t", 2));
        Assert.Equal((ErrorCode.None, 2), await FindAsync(Earliest, 7));
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1), await DeleteAsync("t", 4));
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1), await DeleteAsync("t", -2));
        Assert.Equal((ErrorCode.None, 3), await DeleteAsync("t", -1));
    }

    [Fact]
    public async Task Deleted_records_stay_deleted_after_a_restart()
    {
        await ProduceAsync("a", "b", "c");
        await DeleteAsync("t", 2);

        await _broker.RestartAsync();
        _client.Dispose();
        _client = await _broker.ConnectAsync();

        Assert.Equal((ErrorCode.None, 2), await FindAsync(Earliest, 7));
        Assert.Equal((ErrorCode.None, 3), await FindAsync(Latest, 7));
    }

    [Fact]
    public async Task Records_of_compacted_and_internal_topics_may_not_be_deleted()
    {
        await _broker.CreateTopicAsync("compacted", 1, ("cleanup.policy", "compact"));

        Assert.Equal((ErrorCode.PolicyViolation, -1), await DeleteAsync("compacted", 0));
        Assert.Equal((ErrorCode.InvalidTopicException, -1), await DeleteAsync("__consumer_offsets", 0));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1), await DeleteAsync("none", 0));
    }

    [Fact]
    public async Task End_of_a_leader_epoch()
    {
        await ProduceAsync("a", "b");
        await _broker.RestartAsync();
        _client.Dispose();
        _client = await _broker.ConnectAsync();
        await ProduceAsync("c");

        OffsetForLeaderEpochResponse.EpochEndOffset first = await EpochAsync(0);
        Assert.Equal((0, 2), (first.LeaderEpoch, first.EndOffset));
        OffsetForLeaderEpochResponse.EpochEndOffset unknown = await EpochAsync(99);
        Assert.Equal((-1, -1), (unknown.LeaderEpoch, unknown.EndOffset));
    }

    [Fact]
    public async Task Producers_of_a_partition_are_described()
    {
        byte[] batch = Batches.Build(new RecordBatchOptions { ProducerId = 77, ProducerEpoch = 1, BaseSequence = 0 }, "a", "b");
        await ProduceAsync(batch);

        DescribeProducersResponse response = await _client.CallAsync<DescribeProducersRequest, DescribeProducersResponse>(
            new() { Topics = [new() { Name = "t", PartitionIndexes = [0, 9] }] }, 0);

        DescribeProducersResponse.ProducerState producer = Assert.Single(response.Topics[0].Partitions[0].ActiveProducers);
        Assert.Equal((77, 1, 1), (producer.ProducerId, producer.ProducerEpoch, producer.LastSequence));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, response.Topics[0].Partitions[1].ErrorCode);
    }

    [Fact]
    public async Task Log_directories_are_described_with_sizes()
    {
        await ProduceAsync("a");

        DescribeLogDirsResponse response = await _client.CallAsync<DescribeLogDirsRequest, DescribeLogDirsResponse>(new() { Topics = null }, 4);

        DescribeLogDirsResponse.DescribeLogDirsResult directory = Assert.Single(response.Results);
        Assert.Equal(Path.Combine(_broker.Directory, "data"), directory.LogDir);
        Assert.Equal(Batches.Of("a").Length, directory.Topics.Single(topic => topic.Name == "t").Partitions[0].PartitionSize);
        Assert.True(directory.TotalBytes > 0);
    }

    [Fact]
    public async Task Replica_stays_in_its_directory()
    {
        Assert.Equal(ErrorCode.None, await MoveAsync(Path.Combine(_broker.Directory, "data"), "t"));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await MoveAsync(Path.Combine(_broker.Directory, "data"), "none"));
        Assert.Equal(ErrorCode.LogDirNotFound, await MoveAsync("/no/such", "t"));
    }

    private static ListOffsetsRequest Request(long timestamp) =>
        new() { ReplicaId = -1, Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, Timestamp = timestamp }] }] };

    private async Task<(ErrorCode Error, long Offset)> FindAsync(long timestamp, short version)
    {
        ListOffsetsResponse response = await _client.CallAsync<ListOffsetsRequest, ListOffsetsResponse>(Request(timestamp), version);
        return (response.Topics[0].Partitions[0].ErrorCode, response.Topics[0].Partitions[0].Offset);
    }

    private async Task<(ErrorCode Error, long LowWatermark)> DeleteAsync(string topic, long offset)
    {
        DeleteRecordsResponse response = await _client.CallAsync<DeleteRecordsRequest, DeleteRecordsResponse>(
            new() { TimeoutMs = 5000, Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = 0, Offset = offset }] }] }, 2);
        return (response.Topics[0].Partitions[0].ErrorCode, response.Topics[0].Partitions[0].LowWatermark);
    }

    private async Task<OffsetForLeaderEpochResponse.EpochEndOffset> EpochAsync(int epoch)
    {
        OffsetForLeaderEpochResponse response = await _client.CallAsync<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(
            new() { ReplicaId = -1, Topics = [new() { Topic = "t", Partitions = [new() { Partition = 0, CurrentLeaderEpoch = -1, LeaderEpoch = epoch }] }] }, 4);
        return response.Topics[0].Partitions[0];
    }

    private async Task<ErrorCode> MoveAsync(string path, string topic)
    {
        AlterReplicaLogDirsResponse response = await _client.CallAsync<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>(
            new() { Dirs = [new() { Path = path, Topics = [new() { Name = topic, Partitions = [0] }] }] }, 2);
        return response.Results[0].Partitions[0].ErrorCode;
    }

    private Task ProduceAsync(params string[] values) => ProduceAsync(Batches.Of(values));

    private async Task ProduceAsync(byte[] batch)
    {
        ProduceResponse response = await _client.CallAsync<ProduceRequest, ProduceResponse>(
            new() { Acks = -1, TimeoutMs = 5000, TopicData = [new() { Name = "t", PartitionData = [new() { Index = 0, Records = batch }] }] }, 9);
        Assert.Equal(ErrorCode.None, response.Responses[0].PartitionResponses[0].ErrorCode);
    }
}
