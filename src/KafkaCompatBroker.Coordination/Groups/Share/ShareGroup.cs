using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Share;

/// <summary>
/// A group whose members share partitions record by record (KIP-932), as another broker left it in the log: it is listed, described and deleted. This
/// broker does not serve ShareGroupHeartbeat, so members that the log names are gone when their session is over.
/// </summary>
internal sealed class ShareGroup : Group
{
    /// <summary>Protocol type of every share group.</summary>
    public const string Type = "share";

    private readonly GroupTable _table;
    private readonly Deadline _sessionsOver;
    private readonly Dictionary<string, ShareMember> _members = new(StringComparer.Ordinal);

    public ShareGroup(GroupTable table, string groupId)
        : base(groupId)
    {
        _table = table;
        _sessionsOver = table.Deadlines.Make(RemoveMembers);
    }

    /// <inheritdoc/>
    public override GroupKind Kind => GroupKind.Share;

    /// <inheritdoc/>
    public override string ProtocolType => Type;

    /// <inheritdoc/>
    public override bool IsEmpty => _members.Count == 0;

    /// <inheritdoc/>
    public override string StateName => IsEmpty ? "Empty" : "Stable";

    /// <summary>A share group lives until it is deleted: its start offsets do not age.</summary>
    public override bool MayBeForgotten => false;

    public int Epoch { get; private set; }

    public int TargetEpoch { get; private set; }

    public IReadOnlyCollection<ShareMember> Members => _members.Values;

    /// <summary>Partitions whose state the share coordinator has begun to keep.</summary>
    public ShareGroupStatePartitionMetadataValue State { get; private set; } = new();

    /// <summary>True while the log has a record of <see cref="State"/>.</summary>
    public bool HasState { get; private set; }

    public ShareMember Member(string memberId) => _members.GetValueOrDefault(memberId) ?? new ShareMember(memberId);

    public void SetEpoch(int epoch) => Epoch = epoch;

    public void SetTargetEpoch(int epoch) => TargetEpoch = epoch;

    public void SetState(ShareGroupStatePartitionMetadataValue? state) => (State, HasState) = (state ?? new(), state is not null);

    public void Put(ShareMember member) => _members[member.MemberId] = member;

    public void Remove(string memberId) => _members.Remove(memberId);

    /// <summary>Partitions that have state.</summary>
    public SharePartitions Initialized() => new(ErrorCode.None, Partitions(State.InitializedTopics));

    /// <summary>Notes in the log that the state of all partitions goes, and tells of which.</summary>
    public SharePartitions BeginDeletion(ShardStep step)
    {
        if (CheckDelete() is var error && error != ErrorCode.None) return SharePartitions.Refused(error);
        ShareGroupStatePartitionMetadataValue.TopicPartitionsInfo[] kept = [.. State.InitializedTopics, .. State.InitializingTopics];
        Uuid[] leaving = [.. State.DeletingTopics.Select(static topic => topic.TopicId)];
        // What an interrupted deletion left has no partition numbers any more; the topic says how many there can be.
        IEnumerable<(Uuid, int)> interrupted = leaving.SelectMany(id =>
            Enumerable.Range(0, _table.Image.Topic(id)?.Partitions.Length ?? 0).Select(partition => (id, partition)));
        if (kept.Length > 0)
        {
            step.Write(new CoordinatorRecord(
                new ShareGroupStatePartitionMetadataKey { GroupId = GroupId },
                new ShareGroupStatePartitionMetadataValue
                {
                    DeletingTopics =
                    [
                        .. State.DeletingTopics,
                        .. kept.Where(topic => !leaving.Contains(topic.TopicId)).DistinctBy(static topic => topic.TopicId)
                            .Select(static topic => new ShareGroupStatePartitionMetadataValue.TopicInfo { TopicId = topic.TopicId, TopicName = topic.TopicName }),
                    ],
                }));
        }

        return new(ErrorCode.None, [.. Partitions(kept).Concat(interrupted).Distinct()]);
    }

    /// <inheritdoc/>
    public override void MetadataChanged(ShardStep step, MetadataChanges changes)
    {
        if (changes.DeletedTopics.Count == 0) return;
        ShareGroupStatePartitionMetadataValue left = new()
        {
            InitializedTopics = [.. State.InitializedTopics.Where(topic => !changes.DeletedTopics.ContainsKey(topic.TopicId))],
            InitializingTopics = [.. State.InitializingTopics.Where(topic => !changes.DeletedTopics.ContainsKey(topic.TopicId))],
            DeletingTopics = [.. State.DeletingTopics.Where(topic => !changes.DeletedTopics.ContainsKey(topic.TopicId))],
        };
        if (TopicCount(left) < TopicCount(State)) step.Write(new CoordinatorRecord(new ShareGroupStatePartitionMetadataKey { GroupId = GroupId }, left));
    }

    /// <inheritdoc/>
    public override bool IsSubscribedTo(string topic) => _members.Values.Any(member => member.TopicNames.Contains(topic));

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetCommit(string memberId, string? instanceId, int generationOrEpoch, bool isTransactional, short apiVersion) =>
        ErrorCode.GroupIdNotFound;

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetFetch(string? memberId, int memberEpoch) => ErrorCode.GroupIdNotFound;

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetDelete() => ErrorCode.GroupIdNotFound;

    /// <inheritdoc/>
    public override ErrorCode CheckDelete() => IsEmpty ? ErrorCode.None : ErrorCode.NonEmptyGroup;

    /// <inheritdoc/>
    public override long? OffsetAgesSinceMs(long commitTimestampMs) => null;

    /// <inheritdoc/>
    public override void WriteTombstones(ShardStep step)
    {
        WriteMemberTombstones(step);
        step.Write(CoordinatorRecord.Tombstone(new ShareGroupTargetAssignmentMetadataKey { GroupId = GroupId }));
        if (HasState) step.Write(CoordinatorRecord.Tombstone(new ShareGroupStatePartitionMetadataKey { GroupId = GroupId }));
        step.Write(CoordinatorRecord.Tombstone(new ShareGroupMetadataKey { GroupId = GroupId }));
    }

    /// <inheritdoc/>
    public override void Loaded(ShardStep step)
    {
        if (!IsEmpty) _sessionsOver.Set(step.NowMs + _table.Settings.ShareSessionTimeoutMs);
    }

    /// <inheritdoc/>
    public override void Unload(ShardStep step, ErrorCode error) => _sessionsOver.Cancel();

    private static IReadOnlyList<(Uuid Topic, int Partition)> Partitions(IEnumerable<ShareGroupStatePartitionMetadataValue.TopicPartitionsInfo> topics) =>
        [.. topics.SelectMany(static topic => topic.Partitions.Select(partition => (topic.TopicId, partition)))];

    private static int TopicCount(ShareGroupStatePartitionMetadataValue state) =>
        state.InitializedTopics.Length + state.InitializingTopics.Length + state.DeletingTopics.Length;

    private void RemoveMembers(ShardStep step)
    {
        if (IsEmpty) return;
        WriteMemberTombstones(step);
        step.Write(new CoordinatorRecord(new ShareGroupMetadataKey { GroupId = GroupId }, new ShareGroupMetadataValue { Epoch = Epoch + 1 }));
    }

    private void WriteMemberTombstones(ShardStep step)
    {
        foreach (string memberId in _members.Keys)
        {
            step.Write(CoordinatorRecord.Tombstone(new ShareGroupCurrentMemberAssignmentKey { GroupId = GroupId, MemberId = memberId }));
            step.Write(CoordinatorRecord.Tombstone(new ShareGroupTargetAssignmentMemberKey { GroupId = GroupId, MemberId = memberId }));
            step.Write(CoordinatorRecord.Tombstone(new ShareGroupMemberMetadataKey { GroupId = GroupId, MemberId = memberId }));
        }
    }
}
