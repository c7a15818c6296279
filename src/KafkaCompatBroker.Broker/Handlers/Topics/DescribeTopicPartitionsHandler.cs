using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using static KafkaCompatBroker.Protocol.Messages.DescribeTopicPartitionsResponse;

namespace KafkaCompatBroker.Broker.Handlers.Topics;

/// <summary>
/// DescribeTopicPartitions (75): topics with eligible leader replicas, in pages (KIP-966). Topics come in order of names; at most
/// the client's limit of partitions and max.request.partition.size.limit, at least one. The cursor names the first partition that
/// was left out. A cursor below 0, or on a topic that was not asked for, is INVALID_REQUEST for every topic.
/// </summary>
public sealed class DescribeTopicPartitionsHandler(ClusterView cluster)
    : IRequestHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeTopicPartitions);

    public ValueTask<DescribeTopicPartitionsResponse> HandleAsync(RequestContext context, DescribeTopicPartitionsRequest request, CancellationToken token)
    {
        MetadataImage image = cluster.Image;
        bool isAll = request.Topics.Length == 0;
        IEnumerable<string> asked = isAll ? image.TopicsByName.Keys : request.Topics.Select(static topic => topic.Name);
        string[] names = [.. asked.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        int first = 0;
        if (request.Cursor is { } cursor)
        {
            if (cursor.PartitionIndex < 0 || (!isAll && !names.Contains(cursor.TopicName, StringComparer.Ordinal)))
                return ValueTask.FromResult(Refuse(names));
            names = [.. names.SkipWhile(name => string.CompareOrdinal(name, cursor.TopicName) < 0)];
            if (names.Length > 0 && names[0] == cursor.TopicName) first = cursor.PartitionIndex;
        }

        int most = cluster.BrokerValues().Int("max.request.partition.size.limit");
        return ValueTask.FromResult(Describe(image, context.ListenerName, names, first, Math.Max(1, Math.Min(request.ResponsePartitionLimit, most))));
    }

    private static DescribeTopicPartitionsResponse Refuse(string[] names) => new()
    {
        Topics = [.. names.Select(static name => new DescribeTopicPartitionsResponseTopic { Name = name, ErrorCode = ErrorCode.InvalidRequest })],
    };

    private static DescribeTopicPartitionsResponse Describe(MetadataImage image, string listener, string[] names, int first, int limit)
    {
        var topics = new List<DescribeTopicPartitionsResponseTopic>();
        int left = limit;
        foreach (string name in names)
        {
            if (left == 0) return Page(topics, name, 0);
            if (image.Topic(name) is not { } topic)
            {
                topics.Add(Missing(name));
                continue;
            }

            int count = Math.Min(left, Math.Max(0, topic.Partitions.Length - first));
            topics.Add(Describe(image, listener, topic, first, count));
            left -= count;
            if (first + count < topic.Partitions.Length) return Page(topics, name, first + count);
            first = 0;
        }

        return new DescribeTopicPartitionsResponse { Topics = [.. topics], NextCursor = null };
    }

    private static DescribeTopicPartitionsResponse Page(List<DescribeTopicPartitionsResponseTopic> topics, string nextTopic, int nextPartition) =>
        new() { Topics = [.. topics], NextCursor = new Cursor { TopicName = nextTopic, PartitionIndex = nextPartition } };

    private static DescribeTopicPartitionsResponseTopic Missing(string name) => new()
    {
        Name = name,
        ErrorCode = TopicName.IsValid(name) ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopicException,
        IsInternal = TopicName.IsInternal(name),
        TopicAuthorizedOperations = AuthorizedOperations.EveryTopicOperation,
    };

    private static DescribeTopicPartitionsResponseTopic Describe(MetadataImage image, string listener, TopicImage topic, int first, int count) => new()
    {
        Name = topic.Name,
        TopicId = topic.Id,
        IsInternal = TopicName.IsInternal(topic.Name),
        TopicAuthorizedOperations = AuthorizedOperations.EveryTopicOperation,
        Partitions = [.. Enumerable.Range(first, count).Select(index => Describe(image, listener, topic.Partitions[index], index))],
    };

    private static DescribeTopicPartitionsResponsePartition Describe(MetadataImage image, string listener, PartitionImage partition, int index) => new()
    {
        PartitionIndex = index,
        ErrorCode = PartitionHealth.ErrorOf(image, partition, listener),
        LeaderId = partition.Leader,
        LeaderEpoch = partition.LeaderEpoch,
        ReplicaNodes = partition.Replicas,
        IsrNodes = partition.Isr,
        EligibleLeaderReplicas = partition.EligibleLeaderReplicas,
        LastKnownElr = partition.LastKnownElr,
        OfflineReplicas = PartitionHealth.OfflineReplicas(image, partition, listener),
    };
}
