using KafkaCompatBroker.Broker.Handlers.Data;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Tests.Metadata;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Data;

public sealed class PartitionHostTests : IDisposable
{
    private const int Local = 1;
    private const int Other = 2;

    private static readonly Uuid TopicId = new(5, 5);

    private readonly string _directory = Directory.CreateTempSubdirectory("host-").FullName;
    private readonly ImageSource _images = new();
    private readonly FaultyFileStore _files;
    private readonly LogStore _logs;
    private readonly PartitionHost _host;

    public PartitionHostTests()
    {
        _files = new FaultyFileStore(_directory);
        _logs = LogStore.Open(new LogStoreOptions { Directories = [_directory] }, TimeProvider.System, NullLogger.Instance, _ => _files);
        _host = new PartitionHost(ImageSource.Config(_directory), _logs, TimeProvider.System, NullLogger.Instance);
        _host.Follow(_images.Publisher);
    }

    public void Dispose()
    {
        _logs.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Replica_of_this_broker_is_opened()
    {
        _images.Publish(Topic("t"), Partition(0, Local));

        Assert.Equal(ErrorCode.None, _host.Find("t", 0, out Partition? byName));
        Assert.Equal(ErrorCode.None, _host.Find(TopicId, 0, out Partition? byId));
        Assert.Same(byName, byId);
        Assert.True(byName!.IsLeader);
    }

    [Fact]
    public void Partitions_elsewhere_and_unknown_ones_are_told_apart()
    {
        _images.Publish(Topic("t"), Partition(0, Other));

        Assert.Equal(ErrorCode.NotLeaderOrFollower, _host.Find("t", 0, out _));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, _host.Find("t", 1, out _));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, _host.Find("none", 0, out _));
        Assert.Equal(ErrorCode.UnknownTopicId, _host.Find(new Uuid(1, 1), 0, out _));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, _host.Find(TopicId, 1, out _));
    }

    [Fact]
    public void Deleted_topic_is_gone_and_its_name_free()
    {
        _images.Publish(Topic("t"), Partition(0, Local));
        _host.Find("t", 0, out Partition? before);
        _images.Publish(new RemoveTopicRecord { TopicId = TopicId });

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, _host.Find("t", 0, out _));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, before!.Append(Batches.Of("a"), 1, Batches.TimestampMs, allowsZstd: true, out _).Error);
        _images.Publish(Topic("t", new Uuid(6, 6)), Partition(0, Local, new Uuid(6, 6)));

        Assert.Equal(ErrorCode.None, _host.Find("t", 0, out Partition? after));
        Assert.NotSame(before, after);
    }

    [Fact]
    public void Topic_properties_act_at_once()
    {
        _images.Publish(Topic("t"), Partition(0, Local));
        _host.Find("t", 0, out Partition? partition);
        Assert.Equal(ErrorCode.None, partition!.Append(Batches.Of("a"), 1, Batches.TimestampMs, allowsZstd: true, out _).Error);

        _images.Publish(new ConfigRecord { ResourceType = (sbyte)ConfigResourceType.Topic, ResourceName = "t", Name = "max.message.bytes", Value = "10" });

        Assert.Equal(ErrorCode.MessageTooLarge, partition.Append(Batches.Of("a"), 1, Batches.TimestampMs, allowsZstd: true, out _).Error);
    }

    [Fact]
    public void Replica_that_found_no_room_is_offline_until_there_is_some()
    {
        _files.IsFull = true;
        _images.Publish(Topic("t"), Partition(0, Local));
        Assert.Equal(ErrorCode.KafkaStorageError, _host.Find("t", 0, out _));
        _host.OpenOffline();
        Assert.Equal(ErrorCode.KafkaStorageError, _host.Find("t", 0, out _));

        _files.IsFull = false;
        _host.OpenOffline();

        Assert.Equal(ErrorCode.None, _host.Find("t", 0, out Partition? partition));
        Assert.True(partition!.IsLeader);
    }

    [Fact]
    public async Task Search_by_time_in_a_log_that_cannot_be_read_is_a_storage_error()
    {
        _images.Publish(Topic("t"), Partition(0, Local));
        _host.Find("t", 0, out Partition? partition);
        partition!.Append(Batches.Of("a"), 1, Batches.TimestampMs, allowsZstd: true, out _);
        Assert.Equal((ErrorCode.None, 0), await SearchAsync(Batches.TimestampMs));

        _files.FailsRead = true;
        Assert.Equal((ErrorCode.KafkaStorageError, -1), await SearchAsync(Batches.TimestampMs));
        Assert.Equal((ErrorCode.None, 1), await SearchAsync(-1));

        // It was a read that failed: the directory goes on.
        _files.FailsRead = false;
        Assert.Equal((ErrorCode.None, 0), await SearchAsync(Batches.TimestampMs));
    }

    private async Task<(ErrorCode Error, long Offset)> SearchAsync(long timestamp)
    {
        ListOffsetsRequest request = new() { ReplicaId = -1, Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, CurrentLeaderEpoch = -1, Timestamp = timestamp }] }] };
        ListOffsetsResponse answer = await new ListOffsetsHandler(_host).HandleAsync(AdministrationFixture.Context(ApiKey.ListOffsets, 7), request, default);
        ListOffsetsResponse.ListOffsetsPartitionResponse found = answer.Topics[0].Partitions[0];
        return (found.ErrorCode, found.Offset);
    }

    private static TopicRecord Topic(string name, Uuid? id = null) => new() { Name = name, TopicId = id ?? TopicId };

    private static PartitionRecord Partition(int index, int leader, Uuid? topicId = null) => new()
    {
        TopicId = topicId ?? TopicId,
        PartitionId = index,
        Replicas = [leader],
        Isr = [leader],
        Leader = leader,
        LeaderEpoch = 0,
        PartitionEpoch = 0,
        Directories = [Uuid.Zero],
    };
}
