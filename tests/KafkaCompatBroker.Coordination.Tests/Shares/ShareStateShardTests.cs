using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Coordination.Shares;
using KafkaCompatBroker.Coordination.Tests.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Simulation.Transactions;

namespace KafkaCompatBroker.Coordination.Tests.Shares;

public sealed class ShareStateShardTests
{
    private static readonly Uuid Topic = new(1, 2);
    private static readonly SharePartitionKey Key = new("g", Topic, 0);

    private readonly ShareStateShard _shard = new();
    private long _offset;

    public ShareStateShardTests()
    {
        MetadataDelta delta = new(MetadataImage.Empty);
        delta.Apply(new TopicRecord { Name = "t", TopicId = Topic });
        delta.Apply(new PartitionRecord { TopicId = Topic, PartitionId = 0, Replicas = [1], Isr = [1], Leader = 1 });
        _shard.Loaded(new ShardStep(0, 0), delta.ToImage(1, 1));
    }

    [Fact]
    public void An_update_changes_what_it_says_and_nothing_else()
    {
        Apply(SnapshotKey(), new ShareSnapshotValue { StateEpoch = 2, LeaderEpoch = 5, StartOffset = 10, DeliveryCompleteCount = 1 });
        Apply(UpdateKey(), new ShareUpdateValue { LeaderEpoch = -1, StartOffset = 13, DeliveryCompleteCount = -1 });
        Assert.Equal(new ShareState(2, 5, 13, 1), Read(Key).State);
        Apply(UpdateKey(), new ShareUpdateValue { LeaderEpoch = 6, StartOffset = -1, DeliveryCompleteCount = 4 });
        Assert.Equal(new ShareState(2, 6, 13, 4), Read(Key).State);
    }

    [Fact]
    public void A_partition_that_no_group_has_used_has_no_start_offset() =>
        Assert.Equal((ErrorCode.None, -1L), (Read(Key).Error, Read(Key).State.StartOffset));

    [Fact]
    public void Partitions_that_cannot_be_are_refused()
    {
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Read(Key with { Partition = 1 }).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Read(Key with { TopicId = new Uuid(9, 9) }).Error);
        Assert.Equal(ErrorCode.InvalidRequest, Read(Key with { Partition = -1 }).Error);
        Assert.Equal(ErrorCode.InvalidRequest, Read(Key with { TopicId = Uuid.Zero }).Error);
    }

    [Fact]
    public void A_deleted_state_stays_away_although_its_updates_are_still_in_the_log()
    {
        Apply(SnapshotKey(), new ShareSnapshotValue { StartOffset = 10 });
        Assert.Equal(ErrorCode.None, Delete(Key));
        Assert.Equal(-1, Read(Key).State.StartOffset);
        Apply(UpdateKey(), new ShareUpdateValue { StartOffset = 13 });
        Assert.Equal(-1, Read(Key).State.StartOffset);
    }

    [Fact]
    public void Deleting_what_is_not_there_writes_nothing()
    {
        ShardStep step = new(0, 0);
        _shard.Delete(step, Key, new TestReply<ShareStateAnswer>());
        Assert.Empty(step.Records);
    }

    [Fact]
    public void The_state_of_a_deleted_topic_goes()
    {
        Apply(SnapshotKey(), new ShareSnapshotValue { StartOffset = 10 });
        MetadataChanges changes = new();
        changes.DeletedTopics.Add(Topic, new TopicImage("t", Topic, []));
        ShardStep step = new(0, 0);
        _shard.MetadataChanged(step, MetadataImage.Empty, changes);
        CoordinatorRecord record = Assert.Single(step.Records);
        Assert.Equal(("g", 0), (((ShareSnapshotKey)record.Key).GroupId, ((ShareSnapshotKey)record.Key).Partition));
        Assert.Null(record.Value);
    }

    private static ShareSnapshotKey SnapshotKey() => new() { GroupId = "g", TopicId = Topic, Partition = 0 };

    private static ShareUpdateKey UpdateKey() => new() { GroupId = "g", TopicId = Topic, Partition = 0 };

    private ShareStateAnswer Read(SharePartitionKey key)
    {
        TestReply<ShareStateAnswer> reply = new();
        _shard.Read(new ShardStep(0, 0), key, reply);
        return reply.Response!;
    }

    private ErrorCode Delete(SharePartitionKey key)
    {
        TestReply<ShareStateAnswer> reply = new();
        ShardStep step = new(0, 0);
        _shard.Delete(step, key, reply);
        foreach (CoordinatorRecord record in step.Records) Apply(record.Key, record.Value);
        return reply.Response!.Error;
    }

    private void Apply(IMessage key, IMessage? value) => _shard.Apply(new CoordinatorRecord(key, value), new RecordOrigin(_offset++, 0));
}
