using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Groups.Classic;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>Turns a consumer group into a classic one when the last member that speaks the consumer protocol is gone (group.consumer.migration.policy).</summary>
internal static class GroupDowngrade
{
    private const short GroupMetadataVersion = 3;

    /// <summary>True when, of those that stay, there are some and all speak the classic protocol.</summary>
    public static bool IsDue(ConsumerGroupContext context, ConsumerGroup group, IReadOnlyCollection<ConsumerMember> gone)
    {
        int left = group.Members.Count - gone.Count;
        return left > 0 && gone.All(static member => !member.IsClassic) && group.Counts.ClassicMembers == left && IsAllowed(context, left);
    }

    /// <summary>True when a classic member in the place of this one leaves only classic members.</summary>
    public static bool IsDue(ConsumerGroupContext context, ConsumerGroup group, ConsumerMember replaced) =>
        !replaced.IsClassic && group.Counts.ClassicMembers == group.Members.Count - 1 && IsAllowed(context, group.Members.Count);

    /// <summary>Members left: those that stay have to rebalance.</summary>
    public static void AfterLeaving(ConsumerGroupContext context, ShardStep step, ConsumerGroup group, IReadOnlyCollection<ConsumerMember> gone)
    {
        group.WriteTombstones(step);
        HashSet<string> goneIds = [.. gone.Select(static member => member.MemberId)];
        ConsumerMember[] members = [.. group.Members.Values.Where(member => !goneIds.Contains(member.MemberId))];
        ClassicMembers votes = Votes(members);
        step.Write(Classic(context, step, group, members, votes, group.Epoch));
        Continue(context, step, group.GroupId, votes, mustRebalance: true);
    }

    /// <summary>A classic member took the place of a static one, as records before these say.</summary>
    public static void AfterReplacement(ConsumerGroupContext context, ShardStep step, ConsumerGroup group, ConsumerMember replaced, ConsumerMember successor, int epoch, bool mustRebalance)
    {
        foreach (CoordinatorRecord record in group.Tombstones((replaced.MemberId, successor.MemberId))) step.Write(record);
        ConsumerMember[] members = [.. group.Members.Values.Where(member => member.MemberId != replaced.MemberId), successor];
        ClassicMembers votes = Votes(members);
        step.Write(Classic(context, step, group, members, votes, epoch));
        Continue(context, step, group.GroupId, votes, mustRebalance);
    }

    private static bool IsAllowed(ConsumerGroupContext context, int members) =>
        (context.Table.Settings.ConsumerMigrationPolicy & GroupMigrationPolicy.Downgrade) != 0 && members <= context.Table.Settings.MaxSize;

    private static ClassicMembers Votes(ConsumerMember[] members)
    {
        ClassicMembers votes = new();
        foreach (ConsumerMember member in members)
            votes.Add(new ClassicMember(member.MemberId, member.InstanceId, member.ClientId, member.ClientHost)
            {
                Protocols = [.. member.Classic!.Protocols.Select(static offer => new ClassicProtocol(offer.Name, offer.Metadata))],
            });
        return votes;
    }

    /// <summary>The classic group: what was the target is the assignment, the epoch is the generation.</summary>
    private static CoordinatorRecord Classic(
        ConsumerGroupContext context, ShardStep step, ConsumerGroup group, ConsumerMember[] members, ClassicMembers votes, int epoch)
    {
        string protocol = votes.SelectProtocol();
        return new CoordinatorRecord(
            new GroupMetadataKey { Group = group.GroupId },
            new GroupMetadataValue
            {
                ProtocolType = ConsumerProtocol.Type,
                Generation = epoch,
                Protocol = protocol,
                Leader = votes.LeaderId,
                CurrentStateTimestamp = step.WallClockMs,
                Members = [.. members.Select(member => Classic(context, member, protocol, group.TargetOf(member.MemberId, member.InstanceId)))],
            },
            GroupMetadataVersion);
    }

    private static GroupMetadataValue.MemberMetadata Classic(ConsumerGroupContext context, ConsumerMember member, string protocol, PartitionsByTopic target)
    {
        byte[] subscription = member.Classic!.Protocols.First(offer => offer.Name == protocol).Metadata;
        return new()
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.InstanceId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            RebalanceTimeout = member.RebalanceTimeoutMs,
            SessionTimeout = member.Classic.SessionTimeoutMs,
            Subscription = subscription,
            Assignment = ConsumerProtocol.WriteAssignment(target, ConsumerProtocol.VersionOf(subscription), context.Table.Image),
        };
    }

    /// <summary>
    /// Once the classic group is there, its members offer all protocols that they know, of which the log has only the selected one; its sessions run,
    /// and it rebalances if it must.
    /// </summary>
    private static void Continue(ConsumerGroupContext context, ShardStep step, string groupId, ClassicMembers votes, bool mustRebalance) => context.Table.Deadlines.Make(later =>
    {
        if (!context.Table.TryFind(groupId, out Group? found) || found is not ClassicGroup classic) return;
        classic.Loaded(later);
        foreach (ClassicMember vote in votes.All)
            if (classic.Members.TryFind(vote.MemberId, out ClassicMember? member)) classic.Members.Offer(member, vote.Protocols);
        if (mustRebalance && classic.State == ClassicGroupState.Stable) classic.Rebalance.Prepare(later);
    }).Set(step.NowMs);
}
