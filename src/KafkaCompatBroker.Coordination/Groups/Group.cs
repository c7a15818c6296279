using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>One group of a shard: what all kinds of groups answer. A request of a protocol that the group does not speak is refused as Kafka refuses it.</summary>
public abstract class Group(string groupId)
{
    public string GroupId { get; } = groupId;

    public abstract GroupKind Kind { get; }

    /// <summary>State as ListGroups shows it.</summary>
    public abstract string StateName { get; }

    /// <summary>Protocol type as ListGroups shows it; empty when it is not known.</summary>
    public abstract string ProtocolType { get; }

    /// <summary>True when the group has no members.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>True when a member is known to read the topic, so that its offsets may neither be deleted nor expire.</summary>
    public abstract bool IsSubscribedTo(string topic);

    /// <summary>May the sender of an OffsetCommit or TxnOffsetCommit commit? The error, or None.</summary>
    /// <param name="generationOrEpoch">Generation of a classic member, epoch of any other; negative when the sender is no member.</param>
    public abstract ErrorCode CheckOffsetCommit(string memberId, string? instanceId, int generationOrEpoch, bool isTransactional, short apiVersion);

    /// <summary>May a sender that passed <see cref="CheckOffsetCommit"/> commit for this partition too? The error, or None; an error refuses the whole request.</summary>
    public virtual ErrorCode CheckOffsetCommitOf(string memberId, int generationOrEpoch, Uuid topicId, TopicPartition partition) => ErrorCode.None;

    /// <summary>A commit of the member has been accepted; it is alive.</summary>
    public virtual void OffsetsCommitted(ShardStep step, string memberId)
    {
    }

    /// <summary>May the sender of an OffsetFetch see the offsets? The error, or None. Without a member id and with a negative epoch it is no member, and may.</summary>
    public abstract ErrorCode CheckOffsetFetch(string? memberId, int memberEpoch);

    /// <summary>May offsets be deleted one by one? The error, or None; topics are checked with <see cref="IsSubscribedTo"/>.</summary>
    public abstract ErrorCode CheckOffsetDelete();

    /// <summary>May the group be deleted? The error, or None.</summary>
    public abstract ErrorCode CheckDelete();

    /// <summary>Writes what deletes the group from the log, its offsets aside.</summary>
    public abstract void WriteTombstones(ShardStep step);

    /// <summary>The wall-clock time from which the age of an offset counts; null while the offsets of this group do not age.</summary>
    /// <param name="commitTimestampMs">When the offset was committed.</param>
    public abstract long? OffsetAgesSinceMs(long commitTimestampMs);

    /// <summary>May the group be deleted when it has had neither members nor offsets for a while?</summary>
    public virtual bool MayBeForgotten => true;

    /// <summary>The log has been read: members have their whole session from now on.</summary>
    public abstract void Loaded(ShardStep step);

    /// <summary>The group is removed from this shard: cancels its deadlines and answers everybody who waits.</summary>
    public abstract void Unload(ShardStep step, ErrorCode error);

    /// <summary>The cluster changed.</summary>
    public virtual void MetadataChanged(ShardStep step, MetadataChanges changes)
    {
    }

    public virtual void JoinGroup(ShardStep step, GroupClient client, JoinGroupRequest request, Reply<JoinGroupResponse> reply) =>
        step.Answer(reply, new JoinGroupResponse { ErrorCode = ErrorCode.InconsistentGroupProtocol });

    public virtual void SyncGroup(ShardStep step, GroupClient client, SyncGroupRequest request, Reply<SyncGroupResponse> reply) =>
        step.Answer(reply, new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });

    public virtual void Heartbeat(ShardStep step, GroupClient client, HeartbeatRequest request, Reply<HeartbeatResponse> reply) =>
        step.Answer(reply, new HeartbeatResponse { ErrorCode = ErrorCode.UnknownMemberId });

    public virtual void LeaveGroup(ShardStep step, GroupClient client, LeaveGroupRequest request, Reply<LeaveGroupResponse> reply) =>
        step.Answer(reply, new LeaveGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
}
