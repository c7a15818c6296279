using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups.Offsets;

/// <summary>OffsetFetch for one group.</summary>
internal sealed class OffsetQueries(GroupTable table, OffsetTable offsets)
{
    private const long NoOffset = -1;

    public void Fetch(ShardStep step, OffsetFetchRequest.OffsetFetchRequestGroup request, bool requireStable, Reply<OffsetFetchResponse.OffsetFetchResponseGroup> reply)
    {
        bool exists = table.TryFind(request.GroupId, out Group? group);
        ErrorCode error = group?.CheckOffsetFetch(request.MemberId, request.MemberEpoch) ?? ErrorCode.None;
        var response = new OffsetFetchResponse.OffsetFetchResponseGroup { GroupId = request.GroupId, ErrorCode = error };
        if (error == ErrorCode.None) response.Topics = request.Topics is null ? All(request.GroupId, exists, requireStable) : Some(request.GroupId, request.Topics, exists, requireStable);
        step.Answer(reply, response);
    }

    private OffsetFetchResponse.OffsetFetchResponseTopics[] All(string groupId, bool exists, bool requireStable)
    {
        if (!exists || offsets.Of(groupId) is not { } ofGroup) return [];
        bool hasPending = requireStable && offsets.HasPending(groupId);
        return
        [
            .. ofGroup.Topics.Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopics
            {
                Name = topic.Key,
                TopicId = table.Image.Topic(topic.Key)?.Id ?? Uuid.Zero,
                Partitions = [.. topic.Value.Select(partition =>
                    hasPending && offsets.IsPending(groupId, new TopicPartition(topic.Key, partition.Key))
                        ? Nothing(partition.Key, ErrorCode.UnstableOffsetCommit)
                        : Found(partition.Key, partition.Value))],
            }),
        ];
    }

    private OffsetFetchResponse.OffsetFetchResponseTopics[] Some(
        string groupId, OffsetFetchRequest.OffsetFetchRequestTopics[] topics, bool exists, bool requireStable)
    {
        GroupOffsets? ofGroup = exists ? offsets.Of(groupId) : null;
        bool hasPending = exists && requireStable && offsets.HasPending(groupId);
        return
        [
            .. topics.Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopics
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.PartitionIndexes.Select(index =>
                {
                    var partition = new TopicPartition(topic.Name, index);
                    if (hasPending && offsets.IsPending(groupId, partition)) return Nothing(index, ErrorCode.UnstableOffsetCommit);
                    return ofGroup?.Find(partition) is { } offset && offset.IsOf(topic.TopicId) ? Found(index, offset) : Nothing(index, ErrorCode.None);
                })],
            }),
        ];
    }

    private static OffsetFetchResponse.OffsetFetchResponsePartitions Found(int index, CommittedOffset offset) => new()
    {
        PartitionIndex = index,
        CommittedOffset = offset.Offset,
        CommittedLeaderEpoch = offset.LeaderEpoch,
        Metadata = offset.Metadata,
    };

    private static OffsetFetchResponse.OffsetFetchResponsePartitions Nothing(int index, ErrorCode error) =>
        new() { PartitionIndex = index, CommittedOffset = NoOffset, Metadata = "", ErrorCode = error };
}
