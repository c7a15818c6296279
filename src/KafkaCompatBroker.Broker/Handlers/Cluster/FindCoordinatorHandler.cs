using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using static KafkaCompatBroker.Protocol.Messages.FindCoordinatorResponse;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// FindCoordinator (10), v0-v6: the broker that leads the partition of the internal topic to which a group, a transactional id (v1+) or a partition of a
/// share group (v6, KIP-932) belongs. Up to v3 one key, from v4 many (KIP-699). Before the topic exists it is created, and the answer is
/// COORDINATOR_NOT_AVAILABLE, as while there is no leader; clients ask again. An unknown kind of key is INVALID_REQUEST.
/// </summary>
public sealed class FindCoordinatorHandler(ClusterView cluster, TopicCreation creation) : IRequestHandler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    private const short FirstVersionWithKinds = 1;
    private const short FirstVersionWithManyKeys = 4;
    private const short FirstVersionWithShareGroups = 6;
    private const sbyte HighestKind = 2;
    private const string Success = "NONE";

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.FindCoordinator);

    public async ValueTask<FindCoordinatorResponse> HandleAsync(RequestContext context, FindCoordinatorRequest request, CancellationToken token)
    {
        bool isOne = context.ApiVersion < FirstVersionWithManyKeys;
        string[] keys = isOne ? [request.Key] : request.CoordinatorKeys;
        string? topic = TopicOf(context.ApiVersion, request.KeyType);
        MetadataImage image = cluster.Image;
        Coordinator[] found = [.. keys.Select(key => Find(context, image, topic, request.KeyType, key))];
        if (topic is not null && image.Topic(topic) is null && found.Any(static coordinator => coordinator.ErrorCode == ErrorCode.CoordinatorNotAvailable))
            await creation.CreateAsync([topic], token);
        return isOne ? ForOneKey(found[0]) : new() { Coordinators = found };
    }

    private static string? TopicOf(short version, sbyte kind) => (version < FirstVersionWithKinds ? 0 : kind) switch
    {
        0 => TopicName.GroupMetadata,
        1 => TopicName.TransactionState,
        2 when version >= FirstVersionWithShareGroups => TopicName.ShareGroupState,
        _ => null,
    };

    private static Coordinator Find(RequestContext context, MetadataImage image, string? topicName, sbyte kind, string key)
    {
        if (topicName is null || (topicName == TopicName.ShareGroupState && !IsSharePartition(key)))
            return Refuse(key, ErrorCode.InvalidRequest, kind > HighestKind ? "There is no such kind of key." : "");

        if (image.Topic(topicName) is not { } topic)
            return Refuse(key, ErrorCode.CoordinatorNotAvailable);

        int leader = topic.Partitions[JavaHash.CoordinatorPartition(key, topic.Partitions.Length)].Leader;
        return image.Brokers.TryGetValue(leader, out BrokerImage? broker) && !broker.IsFenced && broker.EndpointOf(context.ListenerName) is { } endpoint
            ? new() { Key = key, NodeId = leader, Host = endpoint.Host, Port = endpoint.Port, ErrorMessage = "" }
            : Refuse(key, ErrorCode.CoordinatorNotAvailable);
    }

    // A group id, which may hold colons itself, a topic id and a partition.
    private static bool IsSharePartition(string key)
    {
        string[] parts = key.Split(':');
        return parts.Length >= 3
            && string.Join(':', parts[..^2]).Trim().Length > 0
            && Uuid.TryParse(parts[^2], out _)
            && int.TryParse(parts[^1], out _);
    }

    private static Coordinator Refuse(string key, ErrorCode error, string reason = "") =>
        new() { Key = key, NodeId = -1, Host = "", Port = -1, ErrorCode = error, ErrorMessage = reason };

    private static FindCoordinatorResponse ForOneKey(Coordinator found) => new()
    {
        ErrorCode = found.ErrorCode,
        ErrorMessage = found.ErrorCode == ErrorCode.None ? Success : found.ErrorCode.Message(),
        NodeId = found.NodeId,
        Host = found.Host,
        Port = found.Port,
    };
}
