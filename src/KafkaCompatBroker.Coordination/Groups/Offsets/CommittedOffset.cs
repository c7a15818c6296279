using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Offsets;

/// <summary>An offset as it stands in the log.</summary>
/// <param name="RecordOffset">Where in the log; of a transaction's offset and another one the later counts.</param>
/// <param name="LeaderEpoch">Leader epoch of the record before the offset, -1 when it is not known.</param>
/// <param name="CommitTimestampMs">Wall-clock time of the commit.</param>
/// <param name="ExpireTimestampMs">When the client said it ends (before v5 of OffsetCommit), -1 otherwise.</param>
/// <param name="TopicId">Zero when it is not known.</param>
internal sealed record CommittedOffset(
    long Offset, long RecordOffset, int LeaderEpoch, string Metadata, long CommitTimestampMs, long ExpireTimestampMs, Uuid TopicId)
{
    public static CommittedOffset Of(OffsetCommitValue value, long recordOffset) =>
        new(value.Offset, recordOffset, value.LeaderEpoch, value.Metadata, value.CommitTimestamp, value.ExpireTimestamp, value.TopicId);

    /// <summary>False when the topic that is asked for is another one of the same name.</summary>
    public bool IsOf(Uuid topicId) => TopicId == Uuid.Zero || topicId == Uuid.Zero || TopicId == topicId;
}
