using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.OffsetFetchResponse;

namespace KafkaCompatBroker.Broker.Handlers.Groups;

/// <summary>
/// OffsetFetch (9), v1-v10: committed offsets of groups. Up to v7 one group; v1 has no error of its own, partitions carry it; from v2 no topics means all;
/// v5 leader epochs (KIP-320); v7 refuses offsets that a transaction will change when asked to (KIP-447); v8 many groups (KIP-709); v9 members of
/// consumer groups; v10 topic ids (KIP-848): an unknown one is UNKNOWN_TOPIC_ID, and deleted topics are left out when all are asked for.
/// </summary>
public sealed class OffsetFetchHandler(CoordinatorRuntime<GroupShard> groups, ClusterView cluster) : IRequestHandler<OffsetFetchRequest, OffsetFetchResponse>
{
    private const short FirstVersionWithError = 2;
    private const short FirstVersionWithManyGroups = 8;
    private const short FirstVersionWithTopicIds = 10;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.OffsetFetch);

    public async ValueTask<OffsetFetchResponse> HandleAsync(RequestContext context, OffsetFetchRequest request, CancellationToken token)
    {
        if (context.ApiVersion >= FirstVersionWithManyGroups)
            return new() { Groups = await Task.WhenAll(request.Groups.Select(group => FetchAsync(context, group, request.RequireStable))) };

        OffsetFetchRequest.OffsetFetchRequestGroup only = new()
        {
            GroupId = request.GroupId,
            Topics = request.Topics is null
                ? null
                : [.. request.Topics.Select(static topic => new OffsetFetchRequest.OffsetFetchRequestTopics { Name = topic.Name, PartitionIndexes = topic.PartitionIndexes })],
        };
        OffsetFetchResponseGroup answer = await FetchAsync(context, only, request.RequireStable);
        if (context.ApiVersion < FirstVersionWithError && answer.ErrorCode != ErrorCode.None)
            return new() { Topics = [.. (only.Topics ?? []).Select(topic => ForOneGroup(Refuse(topic, answer.ErrorCode)))] };

        return new() { ErrorCode = answer.ErrorCode, Topics = [.. answer.Topics.Select(ForOneGroup)] };
    }

    private async Task<OffsetFetchResponseGroup> FetchAsync(RequestContext context, OffsetFetchRequest.OffsetFetchRequestGroup request, bool requireStable)
    {
        bool isById = context.ApiVersion >= FirstVersionWithTopicIds;
        List<OffsetFetchResponseTopics> unknown = isById ? TakeUnknown(request, cluster.Image) : [];
        GroupClient client = context.Client();
        ShardAnswer<OffsetFetchResponseGroup> answer = await groups.AskAsync<OffsetFetchResponseGroup>(
            request.GroupId, (shard, step, reply) => shard.OffsetFetch(step, client, request, requireStable, reply));
        if (answer.Response is not { ErrorCode: ErrorCode.None } response)
            return answer.Response ?? new() { GroupId = request.GroupId, ErrorCode = ErrorOf(answer.Error) };

        if (isById)
            response.Topics = [.. WithIds(response.Topics, cluster.Image), .. unknown];
        return response;
    }

    // Consumers before 3.9 do not know COORDINATOR_NOT_AVAILABLE here.
    private static ErrorCode ErrorOf(ErrorCode error) => error == ErrorCode.CoordinatorNotAvailable ? ErrorCode.NotCoordinator : error;

    /// <summary>Gives topics their names; those whose id nobody knows leave the request and become answers.</summary>
    private static List<OffsetFetchResponseTopics> TakeUnknown(OffsetFetchRequest.OffsetFetchRequestGroup request, MetadataImage image)
    {
        List<OffsetFetchResponseTopics> unknown = [];
        if (request.Topics is null)
            return unknown;

        List<OffsetFetchRequest.OffsetFetchRequestTopics> known = new(request.Topics.Length);
        foreach (OffsetFetchRequest.OffsetFetchRequestTopics topic in request.Topics)
        {
            if (image.Topic(topic.TopicId) is { } found)
            {
                topic.Name = found.Name;
                known.Add(topic);
            }
            else
            {
                unknown.Add(Refuse(topic, ErrorCode.UnknownTopicId));
            }
        }

        request.Topics = [.. known];
        return unknown;
    }

    private static IEnumerable<OffsetFetchResponseTopics> WithIds(OffsetFetchResponseTopics[] topics, MetadataImage image)
    {
        foreach (OffsetFetchResponseTopics topic in topics)
        {
            if (topic.TopicId == default && image.Topic(topic.Name) is { } known)
                topic.TopicId = known.Id;
            if (topic.TopicId != default)
                yield return topic;
        }
    }

    private static OffsetFetchResponseTopics Refuse(OffsetFetchRequest.OffsetFetchRequestTopics topic, ErrorCode error) => new()
    {
        Name = topic.Name,
        TopicId = topic.TopicId,
        Partitions =
        [
            .. topic.PartitionIndexes.Select(partition => new OffsetFetchResponsePartitions
            {
                PartitionIndex = partition,
                CommittedOffset = -1,
                CommittedLeaderEpoch = -1,
                Metadata = "",
                ErrorCode = error,
            }),
        ],
    };

    private static OffsetFetchResponseTopic ForOneGroup(OffsetFetchResponseTopics topic) => new()
    {
        Name = topic.Name,
        Partitions =
        [
            .. topic.Partitions.Select(static partition => new OffsetFetchResponsePartition
            {
                PartitionIndex = partition.PartitionIndex,
                CommittedOffset = partition.CommittedOffset,
                CommittedLeaderEpoch = partition.CommittedLeaderEpoch,
                Metadata = partition.Metadata,
                ErrorCode = partition.ErrorCode,
            }),
        ],
    };
}
