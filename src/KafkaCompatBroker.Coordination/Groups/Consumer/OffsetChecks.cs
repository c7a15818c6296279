using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>Who may commit and fetch the offsets of a consumer group.</summary>
internal static class OffsetChecks
{
    /// <summary>The first version of OffsetCommit with a member epoch (KIP-848).</summary>
    private const short FirstVersionWithEpoch = 9;

    /// <returns>UNKNOWN_MEMBER_ID; UNSUPPORTED_VERSION; STALE_MEMBER_EPOCH, or ILLEGAL_GENERATION to a classic member, for an epoch that is still to come.</returns>
    public static ErrorCode Commit(ConsumerGroup group, string memberId, string? instanceId, int epoch, bool isTransactional, short apiVersion)
    {
        if (epoch < 0 && group.IsEmpty) return ErrorCode.None;

        // A producer that does not know its consumer's epoch is fenced by its own.
        if (isTransactional && epoch == -1 && memberId.Length == 0 && instanceId is null) return ErrorCode.None;
        if (group.Member(memberId) is not { } member) return ErrorCode.UnknownMemberId;
        if (!isTransactional && !member.IsClassic && apiVersion < FirstVersionWithEpoch) return ErrorCode.UnsupportedVersion;
        return epoch > member.Epoch ? Stale(member) : ErrorCode.None;
    }

    /// <summary>An epoch that is over still counts for partitions that the member has had since (KIP-1251).</summary>
    /// <returns>STALE_MEMBER_EPOCH, or ILLEGAL_GENERATION to a classic member.</returns>
    public static ErrorCode CommitOf(ConsumerGroup group, string memberId, int epoch, Uuid topic, int partition)
    {
        if (group.Member(memberId) is not { } member || epoch == member.Epoch) return ErrorCode.None;
        int? since = member.Assigned.EpochOf(topic, partition) ?? member.PendingRevocation.EpochOf(topic, partition);

        // Without members anybody may commit, and so may a producer without an epoch.
        return since is null || epoch < since ? Stale(member) : ErrorCode.None;
    }

    /// <returns>UNKNOWN_MEMBER_ID; STALE_MEMBER_EPOCH, or ILLEGAL_GENERATION to a classic member.</returns>
    public static ErrorCode Fetch(ConsumerGroup group, string? memberId, int epoch)
    {
        if (memberId is null && epoch < 0) return ErrorCode.None;
        if (memberId is null || group.Member(memberId) is not { } member) return ErrorCode.UnknownMemberId;
        return epoch == member.Epoch ? ErrorCode.None : Stale(member);
    }

    private static ErrorCode Stale(ConsumerMember member) => member.IsClassic ? ErrorCode.IllegalGeneration : ErrorCode.StaleMemberEpoch;
}
