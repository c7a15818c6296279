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

    /// <param name="settings">The broker's present settings.</param>
    /// <param name="newId">Source of new ids.</param>
    public GroupShard(Func<GroupSettings> settings, Func<Uuid> newId) => _table = new GroupTable(settings, newId);

    /// <inheritdoc/>
    public long DeadlineMs => _table.Deadlines.NextMs();

    /// <inheritdoc/>
    public void Tick(ShardStep step) => _table.Deadlines.Run(step);

    /// <inheritdoc/>
    public void Apply(in CoordinatorRecord record, in RecordOrigin origin)
    {
    }

    /// <inheritdoc/>
    public void ApplyMarker(long producerId, short producerEpoch, bool isCommit)
    {
    }

    /// <inheritdoc/>
    public void Loaded(ShardStep step, MetadataImage image)
    {
        _table.Image = image;
        _table.IsLoaded = true;
        foreach (Group group in _table.Groups.ToArray()) group.Loaded(step);
    }

    /// <inheritdoc/>
    public void MetadataChanged(ShardStep step, MetadataImage image, MetadataChanges changes)
    {
        _table.Image = image;
        foreach (Group group in _table.Groups.ToArray()) group.MetadataChanged(step, changes);
    }

    /// <inheritdoc/>
    public void Unload(ShardStep step)
    {
        foreach (Group group in _table.Groups) group.Unload(step, ErrorCode.NotCoordinator);
    }

    public void JoinGroup(ShardStep step, GroupClient client, JoinGroupRequest request, Reply<JoinGroupResponse> reply)
    {
        if (_table.TryFind(request.GroupId, out Group? group)) group.JoinGroup(step, client, request, reply);
        else step.Answer(reply, new JoinGroupResponse { MemberId = request.MemberId, ErrorCode = ErrorCode.UnknownMemberId });
    }

    public void SyncGroup(ShardStep step, GroupClient client, SyncGroupRequest request, Reply<SyncGroupResponse> reply)
    {
        if (_table.TryFind(request.GroupId, out Group? group)) group.SyncGroup(step, client, request, reply);
        else step.Answer(reply, new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
    }

    public void Heartbeat(ShardStep step, GroupClient client, HeartbeatRequest request, Reply<HeartbeatResponse> reply)
    {
        if (_table.TryFind(request.GroupId, out Group? group)) group.Heartbeat(step, client, request, reply);
        else step.Answer(reply, new HeartbeatResponse { ErrorCode = ErrorCode.UnknownMemberId });
    }

    public void LeaveGroup(ShardStep step, GroupClient client, LeaveGroupRequest request, Reply<LeaveGroupResponse> reply)
    {
        if (_table.TryFind(request.GroupId, out Group? group)) group.LeaveGroup(step, client, request, reply);
        else step.Answer(reply, new LeaveGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
    }

    /// <summary>Heartbeat of a member of a consumer group (KIP-848).</summary>
    public void ConsumerGroupHeartbeat(ShardStep step, GroupClient client, ConsumerGroupHeartbeatRequest request, Reply<ConsumerGroupHeartbeatResponse> reply) =>
        step.Answer(reply, new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.UnsupportedVersion });

    /// <summary>Describes one consumer group.</summary>
    public void ConsumerGroupDescribe(ShardStep step, GroupClient client, string groupId, Reply<ConsumerGroupDescribeResponse.DescribedGroup> reply) =>
        step.Answer(reply, new ConsumerGroupDescribeResponse.DescribedGroup { GroupId = groupId, ErrorCode = ErrorCode.GroupIdNotFound });

    /// <summary>Commits offsets. Topics are those that exist and that the sender may read; each carries its name, and its id from v10 on.</summary>
    public void OffsetCommit(ShardStep step, GroupClient client, OffsetCommitRequest request, Reply<OffsetCommitResponse> reply)
    {
        ErrorCode error = ErrorCode.GroupIdNotFound;
        step.Answer(reply, new OffsetCommitResponse
        {
            Topics = [.. request.Topics.Select(topic => new OffsetCommitResponse.OffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => new OffsetCommitResponse.OffsetCommitResponsePartition { PartitionIndex = partition.PartitionIndex, ErrorCode = error })],
            })],
        });
    }

    /// <summary>Keeps offsets until their transaction ends. Topics as with <see cref="OffsetCommit"/>; the caller has verified that the group is in the transaction.</summary>
    public void TxnOffsetCommit(ShardStep step, GroupClient client, TxnOffsetCommitRequest request, Reply<TxnOffsetCommitResponse> reply)
    {
        ErrorCode error = ErrorCode.GroupIdNotFound;
        step.Answer(reply, new TxnOffsetCommitResponse
        {
            Topics = [.. request.Topics.Select(topic => new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition { PartitionIndex = partition.PartitionIndex, ErrorCode = error })],
            })],
        });
    }

    /// <summary>Reads offsets of one group; without topics all that it has. Topics carry their names, and their ids from v10 on.</summary>
    /// <param name="requireStable">Refuse partitions whose offset an open transaction will change (UNSTABLE_OFFSET_COMMIT).</param>
    public void OffsetFetch(
        ShardStep step, GroupClient client, OffsetFetchRequest.OffsetFetchRequestGroup request, bool requireStable, Reply<OffsetFetchResponse.OffsetFetchResponseGroup> reply) =>
        step.Answer(reply, new OffsetFetchResponse.OffsetFetchResponseGroup { GroupId = request.GroupId });

    /// <summary>Deletes offsets of topics that no member reads.</summary>
    public void OffsetDelete(ShardStep step, GroupClient client, OffsetDeleteRequest request, Reply<OffsetDeleteResponse> reply) =>
        step.Answer(reply, new OffsetDeleteResponse { ErrorCode = ErrorCode.GroupIdNotFound });

    /// <summary>Describes one classic group.</summary>
    public void DescribeGroups(ShardStep step, GroupClient client, string groupId, Reply<DescribeGroupsResponse.DescribedGroup> reply) =>
        step.Answer(reply, new DescribeGroupsResponse.DescribedGroup { GroupId = groupId, GroupState = "Dead" });

    /// <summary>Deletes one group without members, and its offsets.</summary>
    public void DeleteGroups(ShardStep step, GroupClient client, string groupId, Reply<DeleteGroupsResponse.DeletableGroupResult> reply) =>
        step.Answer(reply, new DeleteGroupsResponse.DeletableGroupResult { GroupId = groupId, ErrorCode = ErrorCode.GroupIdNotFound });

    /// <summary>Lists the groups of this shard that pass the filters.</summary>
    public void ListGroups(ShardStep step, GroupClient client, ListGroupsRequest request, Reply<ListGroupsResponse> reply) =>
        step.Answer(reply, new ListGroupsResponse());
}
