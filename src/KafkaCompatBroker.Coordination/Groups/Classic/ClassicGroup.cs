using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>
/// A group whose members agree among themselves: all join, the coordinator picks a leader and a protocol, the leader assigns. Also what a "simple"
/// group is, that only holds offsets. The log has the members and assignments of each completed generation, and when the group became empty.
/// </summary>
internal sealed class ClassicGroup : Group
{
    private HashSet<string>? _subscribedTopics;
    private StaticReplacement? _replacement;

    public ClassicGroup(GroupTable table, string groupId)
        : base(groupId)
    {
        Table = table;
        Rebalance = new ClassicRebalance(this);
    }

    public GroupTable Table { get; }

    public ClassicRebalance Rebalance { get; }

    public ClassicMembers Members { get; } = new();

    public ClassicGroupState State { get; private set; } = ClassicGroupState.Empty;

    /// <summary>The state before; a rebalance after Empty is the first one and waits for more members.</summary>
    public ClassicGroupState PreviousState { get; private set; } = ClassicGroupState.Empty;

    /// <summary>Wall-clock time of the last change of state; -1 when it is not known.</summary>
    public long StateSinceMs { get; private set; } = -1;

    public int Generation { get; private set; }

    /// <summary>Null until a member has joined.</summary>
    public string? Type { get; set; }

    /// <summary>The protocol of this generation; null when the group is empty.</summary>
    public string? ProtocolName { get; private set; }

    /// <inheritdoc/>
    public override GroupKind Kind => GroupKind.Classic;

    /// <inheritdoc/>
    public override string StateName => State.ToString();

    /// <inheritdoc/>
    public override string ProtocolType => Type ?? "";

    /// <inheritdoc/>
    public override bool IsEmpty => State == ClassicGroupState.Empty;

    private bool IsOfConsumers => Type == SubscribedTopics.ConsumerProtocolType;

    public void Become(ClassicGroupState state, long nowWallClockMs)
    {
        (PreviousState, State) = (State, state);
        StateSinceMs = nowWallClockMs;
    }

    /// <summary>Begins the next generation with the members that are there now.</summary>
    public void StartGeneration(long nowWallClockMs)
    {
        Generation++;
        ProtocolName = Members.Count > 0 ? Members.SelectProtocol() : null;
        _subscribedTopics = IsOfConsumers ? SubscribedTopics.Of(Members.All, ProtocolName) : null;
        Become(Members.Count > 0 ? ClassicGroupState.CompletingRebalance : ClassicGroupState.Empty, nowWallClockMs);
    }

    /// <summary>Is the sender the member it says it is? The error, or None (KIP-345).</summary>
    public ErrorCode CheckMember(string memberId, string? instanceId)
    {
        if (instanceId is not null)
        {
            ClassicMember? current = Members.OfInstance(instanceId);
            if (current is null) return ErrorCode.UnknownMemberId;
            if (current.MemberId != memberId) return ErrorCode.FencedInstanceId;
        }

        return Members.TryFind(memberId, out _) ? ErrorCode.None : ErrorCode.UnknownMemberId;
    }

    /// <inheritdoc/>
    public override bool IsSubscribedTo(string topic) => _subscribedTopics?.Contains(topic) ?? IsOfConsumers;

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetCommit(string memberId, string? instanceId, int generationOrEpoch, bool isTransactional, short apiVersion)
    {
        if (generationOrEpoch < 0 && IsEmpty) return ErrorCode.None;
        if (generationOrEpoch >= 0 || memberId.Length > 0 || instanceId is not null)
        {
            ErrorCode error = CheckMember(memberId, instanceId);
            if (error != ErrorCode.None) return error;
            if (generationOrEpoch != Generation) return ErrorCode.IllegalGeneration;
        }
        else if (!isTransactional && !IsEmpty)
        {
            return ErrorCode.UnknownMemberId;
        }

        // The member has heard of the new generation, but its partitions may be another's by now.
        return !isTransactional && State == ClassicGroupState.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <inheritdoc/>
    public override void OffsetsCommitted(ShardStep step, string memberId)
    {
        if (State == ClassicGroupState.CompletingRebalance || !Members.TryFind(memberId, out ClassicMember? member)) return;
        Rebalance.RenewSession(step, member);
    }

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetFetch(string? memberId, int memberEpoch) => ErrorCode.None;

    /// <inheritdoc/>
    public override ErrorCode CheckOffsetDelete() => IsEmpty || IsOfConsumers ? ErrorCode.None : ErrorCode.NonEmptyGroup;

    /// <inheritdoc/>
    public override ErrorCode CheckDelete() => IsEmpty ? ErrorCode.None : ErrorCode.NonEmptyGroup;

    /// <inheritdoc/>
    public override long? OffsetAgesSinceMs(long commitTimestampMs)
    {
        if (Type is null) return commitTimestampMs;
        if (IsEmpty) return StateSinceMs >= 0 ? StateSinceMs : commitTimestampMs;
        return _subscribedTopics is not null && State == ClassicGroupState.Stable ? commitTimestampMs : null;
    }

    /// <inheritdoc/>
    public override void WriteTombstones(ShardStep step) => step.Write(CoordinatorRecord.Tombstone(new GroupMetadataKey { Group = GroupId }));

    /// <summary>Writes that the group exists, before anybody has joined.</summary>
    public void WriteCreated(ShardStep step)
    {
        StateSinceMs = step.WallClockMs;
        step.Write(ClassicGroupRecords.Created(this));
    }

    /// <summary>Writes the group as it is, with the members' assignments as they are or, when given, as they will be.</summary>
    public void Write(ShardStep step, IReadOnlyDictionary<string, byte[]>? assignments = null) =>
        step.Write(ClassicGroupRecords.Of(this, Members.All, assignments));

    /// <summary>Writes the group with a static member replaced by one with another id; it is replaced when the record is applied.</summary>
    public void WriteReplaced(ShardStep step, ClassicMember old, ClassicMember successor)
    {
        _replacement = new StaticReplacement(old, successor);
        step.Write(ClassicGroupRecords.OfReplaced(this, old, successor));
    }

    /// <summary>Takes the group from a record: all of it when it is read from the log, the assignments when it is this shard's own decision.</summary>
    public void Apply(GroupMetadataValue value)
    {
        if (!Table.IsLoaded || (Members.Count == 0 && value.Members.Length > 0)) Restore(value);
        else if (value.Members.Length > 0) ApplyGeneration(value);
    }

    /// <summary>Becomes what a record says.</summary>
    public void Restore(GroupMetadataValue value)
    {
        Forget();
        Type = value.ProtocolType.Length > 0 ? value.ProtocolType : null;
        Generation = value.Generation;
        ProtocolName = value.Protocol;
        State = value.Members.Length > 0 ? ClassicGroupState.Stable : ClassicGroupState.Empty;
        StateSinceMs = value.CurrentStateTimestamp;
        foreach (GroupMetadataValue.MemberMetadata stored in value.Members)
        {
            Members.Add(ClassicGroupRecords.Member(stored, value.Protocol ?? ""));
        }

        Members.Lead(value.Leader);
        _subscribedTopics = IsOfConsumers ? SubscribedTopics.Of(Members.All, ProtocolName) : null;
    }

    /// <inheritdoc/>
    public override void Loaded(ShardStep step)
    {
        foreach (ClassicMember member in Members.All) Rebalance.RenewSession(step, member);

        // A smaller group.max.size applies from now on: members have to join again, and those too many do not get in.
        if (Members.Count > Table.Settings.MaxSize) Rebalance.Prepare(step);
    }

    /// <inheritdoc/>
    public override void Unload(ShardStep step, ErrorCode error)
    {
        foreach (ClassicMember member in Members.All) Rebalance.AnswerWaiting(step, member, error, error);
        Forget();
    }

    /// <summary>Cancels every deadline; the group is in no table any more.</summary>
    public void Forget()
    {
        Rebalance.Cancel();
        Members.Clear();
    }

    /// <inheritdoc/>
    public override void JoinGroup(ShardStep step, GroupClient client, JoinGroupRequest request, Reply<JoinGroupResponse> reply) =>
        ClassicJoin.Handle(this, step, client, request, reply);

    /// <inheritdoc/>
    public override void SyncGroup(ShardStep step, GroupClient client, SyncGroupRequest request, Reply<SyncGroupResponse> reply) =>
        ClassicSync.Handle(this, step, request, reply);

    /// <inheritdoc/>
    public override void Heartbeat(ShardStep step, GroupClient client, HeartbeatRequest request, Reply<HeartbeatResponse> reply)
    {
        ErrorCode error = CheckMember(request.MemberId, request.GroupInstanceId);
        if (error == ErrorCode.None && request.GenerationId != Generation) error = ErrorCode.IllegalGeneration;
        if (error == ErrorCode.None && Members.TryFind(request.MemberId, out ClassicMember? member))
        {
            Rebalance.RenewSession(step, member);
            if (State == ClassicGroupState.PreparingRebalance) error = ErrorCode.RebalanceInProgress;
        }

        step.Answer(reply, new HeartbeatResponse { ErrorCode = error });
    }

    /// <inheritdoc/>
    public override void LeaveGroup(ShardStep step, GroupClient client, LeaveGroupRequest request, Reply<LeaveGroupResponse> reply) =>
        ClassicLeave.Handle(this, step, request, reply);

    /// <summary>What DescribeGroups shows. What members told their leader, and the protocol, only while they agree.</summary>
    public DescribeGroupsResponse.DescribedGroup Describe()
    {
        bool isStable = State == ClassicGroupState.Stable;
        return new DescribeGroupsResponse.DescribedGroup
        {
            GroupId = GroupId,
            GroupState = StateName,
            ProtocolType = ProtocolType,
            ProtocolData = isStable ? ProtocolName ?? "" : "",
            Members = [.. Members.All.Select(member => new DescribeGroupsResponse.DescribedGroupMember
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.InstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                MemberMetadata = isStable ? member.MetadataFor(ProtocolName) : [],
                MemberAssignment = member.Assignment,
            })],
        };
    }

    private void ApplyGeneration(GroupMetadataValue value)
    {
        foreach (GroupMetadataValue.MemberMetadata stored in value.Members)
        {
            if (_replacement is not null && _replacement.Successor.MemberId == stored.MemberId) Members.Replace(_replacement.Old, _replacement.Successor);
            if (Members.TryFind(stored.MemberId, out ClassicMember? member)) member.Assignment = stored.Assignment.ToArray();
        }

        _replacement = null;
        if (State != ClassicGroupState.CompletingRebalance || value.Generation != Generation) return;
        (PreviousState, State) = (State, ClassicGroupState.Stable);
    }

    private sealed record StaticReplacement(ClassicMember Old, ClassicMember Successor);
}
