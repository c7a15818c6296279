using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>A classic group as a record of the log, and back.</summary>
internal static class ClassicGroupRecords
{
    private const short ValueVersion = 3;

    /// <summary>A group that nobody has joined yet.</summary>
    public static CoordinatorRecord Created(ClassicGroup group) => new(
        new GroupMetadataKey { Group = group.GroupId },
        new GroupMetadataValue { ProtocolType = "", Protocol = null, Leader = null, CurrentStateTimestamp = group.StateSinceMs },
        ValueVersion);

    /// <summary>The group with these members; assignments that are not given are those of the members.</summary>
    public static CoordinatorRecord Of(ClassicGroup group, IEnumerable<ClassicMember> members, IReadOnlyDictionary<string, byte[]>? assignments) => new(
        new GroupMetadataKey { Group = group.GroupId },
        new GroupMetadataValue
        {
            ProtocolType = group.ProtocolType,
            Generation = group.Generation,
            Protocol = group.ProtocolName,
            Leader = group.Members.LeaderId,
            CurrentStateTimestamp = group.StateSinceMs,
            Members = [.. members.Select(member => Of(member, group.ProtocolName, assignments is null ? member.Assignment : assignments.GetValueOrDefault(member.MemberId) ?? []))],
        },
        ValueVersion);

    /// <summary>The group with a static member's successor in its place.</summary>
    public static CoordinatorRecord OfReplaced(ClassicGroup group, ClassicMember old, ClassicMember successor)
    {
        CoordinatorRecord record = Of(group, group.Members.All.Select(member => member == old ? successor : member), null);
        if (record.Value is GroupMetadataValue value && value.Leader == old.MemberId) value.Leader = successor.MemberId;
        return record;
    }

    /// <summary>A member of a record; of what it offers only the protocol of that generation is known.</summary>
    public static ClassicMember Member(GroupMetadataValue.MemberMetadata stored, string protocolName) => new(stored.MemberId, stored.GroupInstanceId, stored.ClientId, stored.ClientHost)
    {
        // Version 0 had no time of its own for rebalances.
        RebalanceTimeoutMs = stored.RebalanceTimeout < 0 ? stored.SessionTimeout : stored.RebalanceTimeout,
        SessionTimeoutMs = stored.SessionTimeout,
        Protocols = [new ClassicProtocol(protocolName, stored.Subscription.ToArray())],
        Assignment = stored.Assignment.ToArray(),
    };

    private static GroupMetadataValue.MemberMetadata Of(ClassicMember member, string? protocolName, byte[] assignment) => new()
    {
        MemberId = member.MemberId,
        GroupInstanceId = member.InstanceId,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        RebalanceTimeout = member.RebalanceTimeoutMs,
        SessionTimeout = member.SessionTimeoutMs,
        Subscription = member.MetadataFor(protocolName),
        Assignment = assignment,
    };
}
