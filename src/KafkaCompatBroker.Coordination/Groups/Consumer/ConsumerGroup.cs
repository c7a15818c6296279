using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// A group whose coordinator assigns the partitions (KIP-848). Everything here but the two refresh times stands in the log and changes only when
/// records are applied; the deadlines of its members are in <see cref="MemberTimers"/>.
/// </summary>
internal sealed class ConsumerGroup(ConsumerGroupContext context, string groupId) : Group(groupId)
{
    /// <summary>The first epoch of a group and of its assignment: a group that is there is never in epoch 0.</summary>
    public const int FirstEpoch = 1;

    private readonly Dictionary<string, ConsumerMember> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _staticMembers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PartitionsByTopic> _targets = new(StringComparer.Ordinal);
    private readonly Dictionary<(Uuid Topic, int Partition), string> _owners = [];
    private readonly Dictionary<string, ResolvedRegex> _resolved = new(StringComparer.Ordinal);
    private long _metadataRefreshDueMs;
    private int _metadataRefreshEpoch;

    /// <inheritdoc/>
    public override GroupKind Kind => GroupKind.Consumer;

    /// <inheritdoc/>
    public override string ProtocolType => ConsumerProtocol.Type;

    /// <inheritdoc/>
    public override bool IsEmpty => _members.Count == 0;

    /// <inheritdoc/>
    public override string StateName => this switch
    {
        { IsEmpty: true } => "Empty",
        _ when Epoch > TargetEpoch => "Assigning",
        _ when _members.Values.All(member => member.IsReconciledTo(TargetEpoch)) => "Stable",
        _ => "Reconciling",
    };

    /// <summary>Grows with every change of members, subscriptions or topics.</summary>
    public int Epoch { get; private set; } = FirstEpoch;

    /// <summary>Says what topics the group had in <see cref="Epoch"/>.</summary>
    public long MetadataHash { get; private set; }

    /// <summary>Epoch for which the target assignment was computed.</summary>
    public int TargetEpoch { get; private set; } = FirstEpoch;

    /// <summary>Wall-clock time at which the target assignment was computed; 0 lets the next one be computed at once.</summary>
    public long TargetTimestampMs { get; private set; }

    /// <summary>True while the log has the record in which old versions kept topics' partition counts.</summary>
    public bool HasPartitionMetadata { get; set; }

    public IReadOnlyDictionary<string, ConsumerMember> Members => _members;

    public IReadOnlyDictionary<string, PartitionsByTopic> Targets => _targets;

    public IReadOnlyDictionary<string, ResolvedRegex> Resolved => _resolved;

    public SubscriptionCounts Counts { get; } = new();

    public ConsumerMember? Member(string memberId) => _members.GetValueOrDefault(memberId);

    public ConsumerMember? StaticMember(string? instanceId) =>
        instanceId is not null && _staticMembers.TryGetValue(instanceId, out string? memberId) ? _members.GetValueOrDefault(memberId) : null;

    /// <summary>What a member should have; a static member that is new has what the one before it had.</summary>
    public PartitionsByTopic TargetOf(string memberId, string? instanceId = null)
    {
        if (instanceId is not null && _staticMembers.TryGetValue(instanceId, out string? current)) memberId = current;
        return _targets.GetValueOrDefault(memberId, PartitionsByTopic.Empty);
    }

    /// <summary>True when no member owns the partition or has yet to give it up.</summary>
    public bool IsFree(Uuid topic, int partition) => !_owners.ContainsKey((topic, partition));

    /// <summary>The assignor that most members like, as if one member were another; null when nobody likes any.</summary>
    public string? PreferredAssignor(ConsumerMember? before = null, ConsumerMember? after = null)
    {
        string? best = null;
        int votes = 0;
        foreach (string name in context.AssignorNames)
        {
            int count = Counts.Assignors.GetValueOrDefault(name) - (before?.Assignor == name ? 1 : 0) + (after?.Assignor == name ? 1 : 0);
            if (count > votes) (best, votes) = (name, count);
        }

        return best;
    }

    /// <summary>Topics to which the group subscribes, as if one member were another.</summary>
    public HashSet<string> SubscribedTopics(ConsumerMember? before = null, ConsumerMember? after = null)
    {
        HashSet<string> topics = new(Counts.Names.Keys, StringComparer.Ordinal);
        foreach (string name in before?.TopicNames ?? [])
            if (Counts.Names.GetValueOrDefault(name) <= 1) topics.Remove(name);
        topics.UnionWith(after?.TopicNames ?? []);
        foreach ((string regex, ResolvedRegex resolved) in _resolved)
            if (Counts.Regexes.GetValueOrDefault(regex) - (before?.TopicRegex == regex ? 1 : 0) + (after?.TopicRegex == regex ? 1 : 0) > 0) topics.UnionWith(resolved.Topics);
        return topics;
    }

    /// <summary>Topics to which the group subscribes without some of its members.</summary>
    public HashSet<string> SubscribedTopicsWithout(IReadOnlyCollection<ConsumerMember> gone)
    {
        HashSet<string> goneIds = [.. gone.Select(static member => member.MemberId)];
        ConsumerMember[] left = [.. _members.Values.Where(member => !goneIds.Contains(member.MemberId))];
        HashSet<string> topics = new(left.SelectMany(static member => member.TopicNames), StringComparer.Ordinal);
        foreach (string regex in left.Select(static member => member.TopicRegex).Distinct(StringComparer.Ordinal))
            if (_resolved.TryGetValue(regex, out ResolvedRegex? resolved)) topics.UnionWith(resolved.Topics);
        return topics;
    }

    /// <summary>True when the cluster's topics have to be looked at again before the next answer.</summary>
    public bool IsMetadataStale(long nowMs) => nowMs >= _metadataRefreshDueMs || Epoch < _metadataRefreshEpoch;

    /// <summary>The topics have been looked at for an epoch; that counts only once the group has reached the epoch.</summary>
    public void MetadataSeen(long dueMs, int epoch) => (_metadataRefreshDueMs, _metadataRefreshEpoch) = (dueMs, epoch);

    /// <inheritdoc/>
    public override void MetadataChanged(ShardStep step, MetadataChanges changes)
    {
        MetadataImage image = context.Table.Image;
        if (changes.ChangedTopics.Any(id => image.Topic(id) is { } topic && IsSubscribedTo(topic.Name)) || changes.DeletedTopics.Values.Any(topic => IsSubscribedTo(topic.Name)))
            _metadataRefreshDueMs = 0;
    }

    /// <inheritdoc/>
    public override bool IsSubscribedTo(string topic) =>
        Counts.Names.ContainsKey(topic) || _resolved.Any(resolved => Counts.Regexes.ContainsKey(resolved.Key) && resolved.Value.Topics.Contains(topic));

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetCommit(string memberId, string? instanceId, int generationOrEpoch, bool isTransactional, short apiVersion) =>
        OffsetChecks.Commit(this, memberId, instanceId, generationOrEpoch, isTransactional, apiVersion);

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetCommitOf(string memberId, int generationOrEpoch, Uuid topicId, TopicPartition partition) =>
        OffsetChecks.CommitOf(this, memberId, generationOrEpoch, topicId == Uuid.Zero ? context.Table.Image.Topic(partition.Topic)?.Id ?? topicId : topicId, partition.Partition);

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetFetch(string? memberId, int memberEpoch) => OffsetChecks.Fetch(this, memberId, memberEpoch);

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetDelete() => ErrorCode.None;

    /// <inheritdoc/>
    public override ErrorCode CheckDelete() => IsEmpty ? ErrorCode.None : ErrorCode.NonEmptyGroup;

    /// <inheritdoc/>
    public override long? OffsetAgesSinceMs(long commitTimestampMs) => commitTimestampMs;

    /// <inheritdoc/>
    public override void WriteTombstones(ShardStep step)
    {
        foreach (CoordinatorRecord record in Tombstones(null)) step.Write(record);
    }

    /// <summary>What deletes the group from the log, with one static member replaced by another in records before these.</summary>
    public IEnumerable<CoordinatorRecord> Tombstones((string Old, string New)? replaced)
    {
        string[] ids = [.. _members.Keys.Select(id => id == replaced?.Old ? replaced.Value.New : id)];
        return
        [
            .. ids.Select(id => ConsumerGroupRecords.AssignmentTombstone(GroupId, id)),
            .. ids.Select(id => ConsumerGroupRecords.TargetTombstone(GroupId, id)),
            ConsumerGroupRecords.TargetEpochTombstone(GroupId),
            .. ids.Select(id => ConsumerGroupRecords.MemberTombstone(GroupId, id)),
            .. _resolved.Keys.Select(regex => ConsumerGroupRecords.RegexTombstone(GroupId, regex)),
            ConsumerGroupRecords.PartitionMetadataTombstone(GroupId),
            ConsumerGroupRecords.EpochTombstone(GroupId),
        ];
    }

    /// <inheritdoc/>
    public override void Loaded(ShardStep step)
    {
        foreach (ConsumerMember member in _members.Values)
        {
            context.Timers.RenewSession(GroupId, member.MemberId, step.NowMs + context.SessionTimeoutMs(GroupId, member));
            if (member.State == MemberState.UnrevokedPartitions && !member.IsClassic)
                context.Timers.AwaitRevocation(GroupId, member.MemberId, member.Epoch, step.NowMs + member.RebalanceTimeoutMs);
        }
    }

    /// <inheritdoc/>
    public override void Unload(ShardStep step, ErrorCode error)
    {
        foreach (string memberId in _members.Keys) context.Timers.Cancel(GroupId, memberId);
        context.CancelResolution(GroupId);
    }

    /// <inheritdoc/>
    public override void JoinGroup(ShardStep step, GroupClient client, JoinGroupRequest request, Reply<JoinGroupResponse> reply) =>
        ClassicMemberJoin.Run(context, step, this, client, request, reply);

    /// <inheritdoc/>
    public override void SyncGroup(ShardStep step, GroupClient client, SyncGroupRequest request, Reply<SyncGroupResponse> reply) =>
        ClassicMemberRequests.Sync(context, step, this, request, reply);

    /// <inheritdoc/>
    public override void Heartbeat(ShardStep step, GroupClient client, HeartbeatRequest request, Reply<HeartbeatResponse> reply) =>
        ClassicMemberRequests.Heartbeat(context, step, this, request, reply);

    /// <inheritdoc/>
    public override void LeaveGroup(ShardStep step, GroupClient client, LeaveGroupRequest request, Reply<LeaveGroupResponse> reply) =>
        ClassicMemberRequests.Leave(context, step, this, request, reply);

    public void SetEpoch(int epoch, long metadataHash) => (Epoch, MetadataHash) = (epoch, metadataHash);

    public void SetTargetEpoch(int epoch, long timestampMs) => (TargetEpoch, TargetTimestampMs) = (epoch, timestampMs);

    public void SetTarget(string memberId, PartitionsByTopic target) => _targets[memberId] = target;

    public void RemoveTarget(string memberId) => _targets.Remove(memberId);

    public void SetResolved(string regex, ResolvedRegex resolved) => _resolved[regex] = resolved;

    public void RemoveResolved(string regex) => _resolved.Remove(regex);

    /// <summary>Adds a member, or puts it in the place of the one of that id.</summary>
    public void Put(ConsumerMember member)
    {
        if (_members.TryGetValue(member.MemberId, out ConsumerMember? old)) Forget(old);
        _members[member.MemberId] = member;
        Counts.Add(member);
        if (member.InstanceId is not null) _staticMembers[member.InstanceId] = member.MemberId;
        foreach (AssignedPartition partition in member.Assigned.All) _owners[(partition.Topic, partition.Partition)] = member.MemberId;
        foreach (AssignedPartition partition in member.PendingRevocation.All) _owners[(partition.Topic, partition.Partition)] = member.MemberId;
    }

    public void Remove(string memberId)
    {
        if (_members.Remove(memberId, out ConsumerMember? member)) Forget(member);
    }

    private void Forget(ConsumerMember member)
    {
        Counts.Remove(member);
        if (member.InstanceId is not null && _staticMembers.GetValueOrDefault(member.InstanceId) == member.MemberId) _staticMembers.Remove(member.InstanceId);

        // While a compacted log is read, another member may have got the partition already.
        Disown(member.MemberId, member.Assigned);
        Disown(member.MemberId, member.PendingRevocation);
    }

    private void Disown(string memberId, OwnedPartitions partitions)
    {
        foreach (AssignedPartition partition in partitions.All)
            if (_owners.GetValueOrDefault((partition.Topic, partition.Partition)) == memberId) _owners.Remove((partition.Topic, partition.Partition));
    }
}
