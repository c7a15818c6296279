using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.OffsetCommitResponse;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// OffsetCommit (8), v2-v10: keeps offsets of a group, durable as the offsets topic is when answered. v5 has no retention time any more (KIP-211), v6
/// leader epochs (KIP-320), v7 static members (KIP-345), v9 members of consumer groups (KIP-848), v10 topic ids (KIP-848). Partitions that do not
/// exist are answered UNKNOWN_TOPIC_OR_PARTITION or UNKNOWN_TOPIC_ID and do not come before the group.
/// </summary>
public sealed class OffsetCommitHandler(CoordinatorRuntime<GroupShard> groups, ClusterView cluster) : IRequestHandler<OffsetCommitRequest, OffsetCommitResponse>
{
    private const short FirstVersionWithTopicIds = 10;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.OffsetCommit);

    public async ValueTask<OffsetCommitResponse> HandleAsync(RequestContext context, OffsetCommitRequest request, CancellationToken token)
    {
        bool isById = context.ApiVersion >= FirstVersionWithTopicIds;
        List<OffsetCommitResponseTopic> topics = TakeMissing(request, cluster.Image, isById);
        if (request.Topics.Length == 0 && topics.Count > 0)
            return new() { Topics = [.. topics] };

        GroupClient client = context.Client();
        ShardAnswer<OffsetCommitResponse> answer = await groups.AskAsync<OffsetCommitResponse>(
            request.GroupId, (shard, step, reply) => shard.OffsetCommit(step, client, request, reply));
        foreach (OffsetCommitResponseTopic topic in answer.Response?.Topics ?? Refuse(request, answer.Error))
        {
            if (topics.Find(known => known.Name == topic.Name && known.TopicId == topic.TopicId) is { } partly)
                partly.Partitions = [.. partly.Partitions, .. topic.Partitions];
            else
                topics.Add(topic);
        }

        return new() { Topics = [.. topics] };
    }

    /// <summary>Leaves in the request what exists; the rest becomes answers.</summary>
    private static List<OffsetCommitResponseTopic> TakeMissing(OffsetCommitRequest request, MetadataImage image, bool isById)
    {
        List<OffsetCommitResponseTopic> missing = [];
        List<OffsetCommitRequest.OffsetCommitRequestTopic> existing = new(request.Topics.Length);
        foreach (OffsetCommitRequest.OffsetCommitRequestTopic topic in request.Topics)
        {
            TopicImage? known = isById ? image.Topic(topic.TopicId) : image.Topic(topic.Name);
            ErrorCode error = isById && known is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
            OffsetCommitRequest.OffsetCommitRequestPartition[] found =
                [.. topic.Partitions.Where(partition => known?.Partition(partition.PartitionIndex) is not null)];
            if (found.Length < topic.Partitions.Length || known is null)
                missing.Add(Answer(topic, topic.Partitions.Except(found), error, isById));
            if (found.Length == 0)
                continue;

            topic.Name = known!.Name;
            topic.Partitions = found;
            existing.Add(topic);
        }

        request.Topics = [.. existing];
        return missing;
    }

    private static IEnumerable<OffsetCommitResponseTopic> Refuse(OffsetCommitRequest request, ErrorCode error) =>
        request.Topics.Select(topic => Answer(topic, topic.Partitions, error, isById: topic.TopicId != default));

    private static OffsetCommitResponseTopic Answer(
        OffsetCommitRequest.OffsetCommitRequestTopic topic,
        IEnumerable<OffsetCommitRequest.OffsetCommitRequestPartition> partitions,
        ErrorCode error,
        bool isById) => new()
    {
        Name = topic.Name,
        TopicId = isById ? topic.TopicId : default,
        Partitions = [.. partitions.Select(partition => new OffsetCommitResponsePartition { PartitionIndex = partition.PartitionIndex, ErrorCode = error })],
    };
}
