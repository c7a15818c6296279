using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using static KafkaCompatBroker.Protocol.Messages.MetadataResponse;

namespace KafkaCompatBroker.Broker.Handlers.Topics;

/// <summary>
/// Metadata (3): brokers and topics. v0: an empty list means every topic, later null does and empty means none. Up to v3 unknown
/// topics are always created, from v4 when the client allows it and auto.create.topics.enable is set; such a topic is there when its
/// answer comes, which is UNKNOWN_TOPIC_OR_PARTITION as from Kafka: clients ask again. v8+: authorized operations when asked for, those of the cluster up to v10 (KIP-430, KIP-700). v10+: topic ids;
/// v12+: topics by id, UNKNOWN_TOPIC_ID (KIP-516); v10 and v11 refuse ids with INVALID_REQUEST. The controller that is named is a
/// live broker (KIP-590).
/// </summary>
public sealed class MetadataHandler(ClusterView cluster, TopicCreation creation) : IRequestHandler<MetadataRequest, MetadataResponse>
{
    private const short FirstVersionWithNoneAsEmpty = 1;
    private const short FirstVersionWithListenerErrors = 6;
    private const short FirstVersionWithTopicIds = 10;
    private const short FirstVersionByTopicId = 12;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.Metadata);

    public ValueTask<MetadataResponse> HandleAsync(RequestContext context, MetadataRequest request, CancellationToken token)
    {
        short version = context.ApiVersion;
        if (IsEverything(request, version)) return ValueTask.FromResult(Answer(context, request, cluster.Image, cluster.Image.TopicsByName.Values, []));
        MetadataRequest.MetadataRequestTopic[] topics = request.Topics!;
        if (HasUnusableIds(topics, version)) return ValueTask.FromResult(Refuse(topics));
        string[] unknown = UnknownNames(topics);
        return unknown.Length > 0 && request.AllowAutoTopicCreation && cluster.BrokerValues().Boolean("auto.create.topics.enable")
            ? CreateThenAnswerAsync(context, request, unknown, token)
            : ValueTask.FromResult(AnswerNamed(context, request, cluster.Image));
    }

    private static bool IsEverything(MetadataRequest request, short version) =>
        request.Topics is null || (version < FirstVersionWithNoneAsEmpty && request.Topics.Length == 0);

    private static bool HasUnusableIds(MetadataRequest.MetadataRequestTopic[] topics, short version)
    {
        if (version < FirstVersionWithTopicIds) return false;
        foreach (MetadataRequest.MetadataRequestTopic topic in topics)
            if (version < FirstVersionByTopicId ? topic.TopicId != default || topic.Name is null : topic.TopicId == default && topic.Name is null) return true;
        return false;
    }

    private static MetadataResponse Refuse(MetadataRequest.MetadataRequestTopic[] topics) => new()
    {
        ClusterId = null,
        ControllerId = -1,
        Topics =
        [
            .. topics.Select(static topic => new MetadataResponseTopic
            {
                ErrorCode = ErrorCode.InvalidRequest,
                Name = topic.Name ?? "",
                TopicId = topic.TopicId,
                TopicAuthorizedOperations = AuthorizedOperations.Omitted,
            }),
        ],
        ErrorCode = ErrorCode.InvalidRequest,
    };

    private string[] UnknownNames(MetadataRequest.MetadataRequestTopic[] topics)
    {
        MetadataImage image = cluster.Image;
        List<string>? unknown = null;
        foreach (MetadataRequest.MetadataRequestTopic topic in topics)
            if (topic.TopicId == default && topic.Name is { } name && image.Topic(name) is null && TopicName.IsValid(name) && name != TopicName.ClusterMetadata)
                (unknown ??= []).Add(name);
        return unknown is null ? [] : [.. unknown.Distinct(StringComparer.Ordinal)];
    }

    private async ValueTask<MetadataResponse> CreateThenAnswerAsync(RequestContext context, MetadataRequest request, string[] unknown, CancellationToken token)
    {
        MetadataImage before = cluster.Image;
        await creation.CreateAsync(unknown, token, context).ConfigureAwait(false);
        return AnswerNamed(context, request, before);
    }

    private MetadataResponse AnswerNamed(RequestContext context, MetadataRequest request, MetadataImage image)
    {
        var found = new List<TopicImage>();
        var missing = new List<MetadataResponseTopic>();
        var seen = new HashSet<(string?, Uuid)>();
        foreach (MetadataRequest.MetadataRequestTopic topic in request.Topics!)
        {
            bool isById = topic.TopicId != default;
            if (!seen.Add((isById ? null : topic.Name, topic.TopicId))) continue;
            TopicImage? known = isById ? image.Topic(topic.TopicId) : image.Topic(topic.Name!);
            if (known is not null) found.Add(known);
            else missing.Add(Missing(request, topic, isById));
        }

        return Answer(context, request, image, found, missing);
    }

    private static MetadataResponseTopic Missing(MetadataRequest request, MetadataRequest.MetadataRequestTopic topic, bool isById)
    {
        ErrorCode code = isById ? ErrorCode.UnknownTopicId
            : !TopicName.IsValid(topic.Name!) ? ErrorCode.InvalidTopicException
            : ErrorCode.UnknownTopicOrPartition;
        return new MetadataResponseTopic
        {
            ErrorCode = code,
            Name = isById ? null : topic.Name,
            TopicId = topic.TopicId,
            IsInternal = !isById && TopicName.IsInternal(topic.Name!),
            TopicAuthorizedOperations = TopicOperations(request, isKnown: !isById),
        };
    }

    private static int TopicOperations(MetadataRequest request, bool isKnown) =>
        request.IncludeTopicAuthorizedOperations && isKnown ? AuthorizedOperations.EveryTopicOperation : AuthorizedOperations.Omitted;

    private MetadataResponse Answer(
        RequestContext context, MetadataRequest request, MetadataImage image, IEnumerable<TopicImage> topics, IEnumerable<MetadataResponseTopic> missing) => new()
    {
        Brokers = BrokersOf(image, context.ListenerName),
        ClusterId = cluster.ClusterId,
        ControllerId = cluster.AnyLiveBroker(),
        Topics = [.. topics.Select(topic => Describe(context, request, image, topic)), .. missing],
        ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.EveryClusterOperation : AuthorizedOperations.Omitted,
    };

    private static MetadataResponseBroker[] BrokersOf(MetadataImage image, string listener)
    {
        var brokers = new List<MetadataResponseBroker>(image.Brokers.Count);
        foreach (BrokerImage broker in image.Brokers.Values)
            if (!broker.IsFenced && broker.EndpointOf(listener) is { } endpoint)
                brokers.Add(new MetadataResponseBroker { NodeId = broker.Id, Host = endpoint.Host, Port = endpoint.Port, Rack = broker.Rack });
        return [.. brokers];
    }

    private static MetadataResponseTopic Describe(RequestContext context, MetadataRequest request, MetadataImage image, TopicImage topic)
    {
        var partitions = new MetadataResponsePartition[topic.Partitions.Length];
        for (int index = 0; index < partitions.Length; index++)
        {
            PartitionImage partition = topic.Partitions[index];
            ErrorCode error = PartitionHealth.ErrorOf(image, partition, context.ListenerName);
            bool hasLeader = error == ErrorCode.None;
            partitions[index] = new MetadataResponsePartition
            {
                ErrorCode = error == ErrorCode.ListenerNotFound && context.ApiVersion < FirstVersionWithListenerErrors ? ErrorCode.LeaderNotAvailable : error,
                PartitionIndex = index,
                LeaderId = hasLeader ? partition.Leader : PartitionImage.NoLeader,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = partition.Replicas,
                IsrNodes = partition.Isr,
                OfflineReplicas = PartitionHealth.OfflineReplicas(image, partition, context.ListenerName),
            };
        }

        return new MetadataResponseTopic
        {
            Name = topic.Name,
            TopicId = topic.Id,
            IsInternal = TopicName.IsInternal(topic.Name),
            Partitions = partitions,
            TopicAuthorizedOperations = TopicOperations(request, isKnown: true),
        };
    }
}
