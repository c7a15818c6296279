using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>A static member comes back under another member id.</summary>
internal static class StaticReplacement
{
    /// <summary>Writes the new member with everything that the old one had, but without an epoch.</summary>
    public static ConsumerMember Write(ConsumerGroup group, ConsumerMember old, string memberId, List<CoordinatorRecord> records)
    {
        ConsumerMember successor = old with { MemberId = memberId, Epoch = 0, PreviousEpoch = 0 };
        records.AddRange(ConsumerGroupRecords.MemberTombstones(group.GroupId, old.MemberId));
        records.Add(ConsumerGroupRecords.Member(group.GroupId, successor));
        records.Add(ConsumerGroupRecords.Target(group.GroupId, memberId, group.TargetOf(old.MemberId)));
        records.Add(ConsumerGroupRecords.Assignment(group.GroupId, successor));
        return successor;
    }
}
