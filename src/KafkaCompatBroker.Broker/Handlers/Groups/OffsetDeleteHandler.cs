using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.OffsetDeleteResponse;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// OffsetDelete (47), v0 (KIP-496): forgets offsets of a group for topics that no member reads (GROUP_SUBSCRIBED_TO_TOPIC). Partitions that do not exist
/// are UNKNOWN_TOPIC_OR_PARTITION; an error of the group stands alone. An empty group id is INVALID_GROUP_ID.
/// </summary>
public sealed class OffsetDeleteHandler(CoordinatorRuntime<GroupShard> groups, ClusterView cluster) : IRequestHandler<OffsetDeleteRequest, OffsetDeleteResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.OffsetDelete);

    public async ValueTask<OffsetDeleteResponse> HandleAsync(RequestContext context, OffsetDeleteRequest request, CancellationToken token)
    {
        if (request.GroupId.Length == 0)
            return new() { ErrorCode = ErrorCode.InvalidGroupId };

        List<OffsetDeleteResponseTopic> topics = TakeMissing(request, cluster.Image);
        GroupClient client = context.Client();
        ShardAnswer<OffsetDeleteResponse> answer = await groups.AskAsync<OffsetDeleteResponse>(
            request.GroupId, (shard, step, reply) => shard.OffsetDelete(step, client, request, reply));
        if (answer.Response is not { ErrorCode: ErrorCode.None } response)
            return answer.Response ?? new() { ErrorCode = answer.Error };

        foreach (OffsetDeleteResponseTopic topic in response.Topics)
        {
            if (topics.Find(known => known.Name == topic.Name) is { } partly)
                partly.Partitions = [.. partly.Partitions, .. topic.Partitions];
            else
                topics.Add(topic);
        }

        return new() { Topics = [.. topics] };
    }

    /// <summary>Leaves in the request what exists; the rest becomes answers.</summary>
    private static List<OffsetDeleteResponseTopic> TakeMissing(OffsetDeleteRequest request, MetadataImage image)
    {
        List<OffsetDeleteResponseTopic> missing = [];
        List<OffsetDeleteRequest.OffsetDeleteRequestTopic> existing = new(request.Topics.Length);
        foreach (OffsetDeleteRequest.OffsetDeleteRequestTopic topic in request.Topics)
        {
            TopicImage? known = image.Topic(topic.Name);
            OffsetDeleteRequest.OffsetDeleteRequestPartition[] found =
                [.. topic.Partitions.Where(partition => known?.Partition(partition.PartitionIndex) is not null)];
            if (found.Length < topic.Partitions.Length || known is null)
                missing.Add(Answer(topic.Name, topic.Partitions.Except(found)));
            if (found.Length == 0)
                continue;

            topic.Partitions = found;
            existing.Add(topic);
        }

        request.Topics = [.. existing];
        return missing;
    }

    private static OffsetDeleteResponseTopic Answer(string name, IEnumerable<OffsetDeleteRequest.OffsetDeleteRequestPartition> partitions) => new()
    {
        Name = name,
        Partitions =
        [
            .. partitions.Select(static partition => new OffsetDeleteResponsePartition
            {
                PartitionIndex = partition.PartitionIndex,
                ErrorCode = ErrorCode.UnknownTopicOrPartition,
            }),
        ],
    };
}
