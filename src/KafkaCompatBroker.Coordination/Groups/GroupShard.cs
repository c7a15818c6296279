using KafkaCompatBroker.Coordination.Groups.Classic;
using KafkaCompatBroker.Coordination.Groups.Consumer;
using KafkaCompatBroker.Coordination.Groups.Offsets;
using KafkaCompatBroker.Coordination.Groups.Share;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>
/// The groups and offsets that one partition of <c>__consumer_offsets</c> holds. One thread at a time; what stands in the log survives a crash, who
/// waits and who was heard last does not. Every command answers its reply once, now or in a later step.
/// </summary>
public sealed class GroupShard : ICoordinatorShard
{
    private readonly GroupTable _table;
    private readonly OffsetTable _offsets = new();
    private readonly ClassicRequests _classic;
    private readonly OffsetCommands _offsetCommands;
    private readonly OffsetQueries _offsetQueries;
    private readonly OffsetRetention _retention;
    private readonly GroupCatalog _catalog;
    private readonly ConsumerGroupContext _consumers;
    private readonly ShareGroups _shares;

    /// <param name="settings">The broker's present settings.</param>
    /// <param name="newId">Source of new ids.</param>
    public GroupShard(Func<GroupSettings> settings, Func<Uuid> newId)
    {
        _table = new GroupTable(settings, newId);
        _classic = new ClassicRequests(_table);
        _offsetCommands = new OffsetCommands(_table, _offsets);
        _offsetQueries = new OffsetQueries(_table, _offsets);
        _retention = new OffsetRetention(_table, _offsets);
        _catalog = new GroupCatalog(_table, _offsets, _retention);
        _consumers = new ConsumerGroupContext(_table);
        _shares = new ShareGroups(_table);
    }

    /// <inheritdoc/>
    public long DeadlineMs => _table.Deadlines.NextMs();

    /// <inheritdoc/>
    public void Tick(ShardStep step) => _table.Deadlines.Run(step);

    /// <inheritdoc/>
    public void Apply(in CoordinatorRecord record, in RecordOrigin origin)
    {
        switch (record.Key)
        {
            case OffsetCommitKey key:
                Apply(key.Group, new TopicPartition(key.Topic, key.Partition), record.Value as OffsetCommitValue, origin);
                break;
            case LegacyOffsetCommitKey key:
                Apply(key.Group, new TopicPartition(key.Topic, key.Partition), Modern(record.Value as LegacyOffsetCommitValue), origin);
                break;
            case GroupMetadataKey key:
                _classic.Apply(key.Group, record.Value as GroupMetadataValue);
                break;
            default:
                if (!ConsumerGroupReplay.TryApply(_consumers, record)) ShareGroupReplay.Apply(_table, record);
                break;
        }
    }

    /// <inheritdoc/>
    public void ApplyMarker(long producerId, short producerEpoch, bool isCommit) => _offsets.End(producerId, isCommit);

    /// <inheritdoc/>
    public void Loaded(ShardStep step, MetadataImage image)
    {
        _table.Image = image;
        _table.IsLoaded = true;
        _consumers.Loaded();
        _retention.Start(step);
        foreach (Group group in _table.Groups.ToArray()) group.Loaded(step);
    }

    /// <inheritdoc/>
    public void MetadataChanged(ShardStep step, MetadataImage image, MetadataChanges changes)
    {
        _consumers.MetadataChanging(_table.Image, image, changes);
        _table.Image = image;
        if (changes.DeletedTopics.Count > 0) _retention.TopicsDeleted(step, changes.DeletedTopics.Values);
        foreach (Group group in _table.Groups.ToArray()) group.MetadataChanged(step, changes);
    }

    /// <inheritdoc/>
    public void Unload(ShardStep step)
    {
        foreach (Group group in _table.Groups) group.Unload(step, ErrorCode.NotCoordinator);
        _catalog.Unload(step);
    }

    /// <summary>Joins a group, or makes one. The answer comes when all members have joined.</summary>
    public void JoinGroup(ShardStep step, GroupClient client, JoinGroupRequest request, Reply<JoinGroupResponse> reply) =>
        _classic.Join(step, client, request, reply);

    /// <summary>Fetches a member's assignment; the answer comes when the leader has given it.</summary>
    public void SyncGroup(ShardStep step, GroupClient client, SyncGroupRequest request, Reply<SyncGroupResponse> reply) =>
        _classic.Sync(step, client, request, reply);

    /// <summary>Says that a member is alive.</summary>
    public void Heartbeat(ShardStep step, GroupClient client, HeartbeatRequest request, Reply<HeartbeatResponse> reply) =>
        _classic.Heartbeat(step, client, request, reply);

    /// <summary>Takes members out of a group.</summary>
    public void LeaveGroup(ShardStep step, GroupClient client, LeaveGroupRequest request, Reply<LeaveGroupResponse> reply) =>
        _classic.Leave(step, client, request, reply);

    /// <summary>Heartbeat of a member of a consumer group (KIP-848).</summary>
    public void ConsumerGroupHeartbeat(ShardStep step, GroupClient client, ConsumerGroupHeartbeatRequest request, Reply<ConsumerGroupHeartbeatResponse> reply) =>
        ConsumerHeartbeat.Run(_consumers, step, client, request, reply);

    /// <summary>Describes one consumer group.</summary>
    public void ConsumerGroupDescribe(ShardStep step, GroupClient client, string groupId, Reply<ConsumerGroupDescribeResponse.DescribedGroup> reply) =>
        step.Answer(reply, ConsumerGroupDescription.Of(_consumers, groupId));

    /// <summary>Describes one share group (KIP-932).</summary>
    public void ShareGroupDescribe(ShardStep step, string groupId, Reply<ShareGroupDescribeResponse.DescribedGroup> reply) =>
        _shares.Describe(step, groupId, reply);

    /// <summary>Tells for which partitions a share group has state with the share coordinator.</summary>
    public void SharePartitions(ShardStep step, string groupId, Reply<SharePartitions> reply) => _shares.Partitions(step, groupId, reply);

    /// <summary>Comes before <see cref="DeleteGroups"/>: tells the partitions whose state with the share coordinator has to be deleted first.</summary>
    public void BeginShareDeletion(ShardStep step, string groupId, Reply<SharePartitions> reply) => _shares.BeginDeletion(step, groupId, reply);

    /// <summary>Commits offsets. Topics are those that exist and that the sender may read; each carries its name, and its id from v10 on.</summary>
    public void OffsetCommit(ShardStep step, GroupClient client, OffsetCommitRequest request, Reply<OffsetCommitResponse> reply) =>
        _offsetCommands.Commit(step, client, request, reply);

    /// <summary>Keeps offsets until their transaction ends. Topics as with <see cref="OffsetCommit"/>; the caller has verified that the group is in the transaction.</summary>
    public void TxnOffsetCommit(ShardStep step, GroupClient client, TxnOffsetCommitRequest request, Reply<TxnOffsetCommitResponse> reply) =>
        _offsetCommands.CommitInTransaction(step, client, request, reply);

    /// <summary>Reads offsets of one group; without topics all that it has. Topics carry their names, and their ids from v10 on.</summary>
    /// <param name="requireStable">Refuse partitions whose offset an open transaction will change (UNSTABLE_OFFSET_COMMIT).</param>
    public void OffsetFetch(
        ShardStep step, GroupClient client, OffsetFetchRequest.OffsetFetchRequestGroup request, bool requireStable, Reply<OffsetFetchResponse.OffsetFetchResponseGroup> reply) =>
        _offsetQueries.Fetch(step, request, requireStable, reply);

    /// <summary>Deletes offsets of topics that no member reads. Topics are those that exist.</summary>
    public void OffsetDelete(ShardStep step, GroupClient client, OffsetDeleteRequest request, Reply<OffsetDeleteResponse> reply) =>
        _offsetCommands.Delete(step, request, reply);

    /// <summary>Describes one classic group.</summary>
    public void DescribeGroups(ShardStep step, GroupClient client, string groupId, Reply<DescribeGroupsResponse.DescribedGroup> reply) =>
        _catalog.Describe(step, client, groupId, reply);

    /// <summary>Deletes one group without members, and its offsets.</summary>
    public void DeleteGroups(ShardStep step, GroupClient client, string groupId, Reply<DeleteGroupsResponse.DeletableGroupResult> reply) =>
        _catalog.Delete(step, groupId, reply);

    /// <summary>Lists the groups of this shard that pass the filters.</summary>
    public void ListGroups(ShardStep step, GroupClient client, ListGroupsRequest request, Reply<ListGroupsResponse> reply) =>
        _catalog.List(step, request, reply);

    private static OffsetCommitValue? Modern(LegacyOffsetCommitValue? value) =>
        value is null ? null : new OffsetCommitValue { Offset = value.Offset, Metadata = value.Metadata, CommitTimestamp = value.CommitTimestamp };

    private void Apply(string groupId, TopicPartition partition, OffsetCommitValue? value, in RecordOrigin origin)
    {
        if (value is null)
        {
            _offsets.Remove(groupId, partition);
            return;
        }

        // Who commits without being a member makes a group that only holds offsets.
        if (!_table.TryFind(groupId, out _)) _table.Put(new ClassicGroup(_table, groupId));
        _offsets.Put(groupId, partition, CommittedOffset.Of(value, origin.Offset), origin.ProducerId);
    }
}
