using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;
using static KafkaCompatBroker.Protocol.Messages.DescribeQuorumResponse;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// DescribeQuorum (55): leader, voters and observers of the metadata log (KIP-595); any other partition is
/// UNKNOWN_TOPIC_OR_PARTITION. v1+: when each replica fetched last and was caught up last (KIP-836); the leader's own are the time
/// of the request. v2+: directory ids and the voters' listeners (KIP-853).
/// </summary>
public sealed class DescribeQuorumHandler(IQuorumView quorum, ClusterView cluster) : IRequestHandler<DescribeQuorumRequest, DescribeQuorumResponse>
{
    private const short FirstVersionWithNodes = 2;
    private const short FirstVersionWithDirectories = 2;
    private const string UnknownText = "This server does not host this topic-partition.";

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeQuorum);

    public ValueTask<DescribeQuorumResponse> HandleAsync(RequestContext context, DescribeQuorumRequest request, CancellationToken token)
    {
        bool isNamed = false;
        QuorumDescription? described = quorum.Describe();
        TopicData[] topics =
        [
            .. request.Topics.Select(topic => new TopicData
            {
                TopicName = topic.TopicName,
                Partitions =
                [
                    .. topic.Partitions.Select(partition =>
                    {
                        if (topic.TopicName != TopicName.ClusterMetadata || partition.PartitionIndex != 0)
                            return new PartitionData { PartitionIndex = partition.PartitionIndex, ErrorCode = ErrorCode.UnknownTopicOrPartition, ErrorMessage = UnknownText };
                        isNamed = true;
                        return Describe(described, context);
                    }),
                ],
            }),
        ];
        return ValueTask.FromResult(new DescribeQuorumResponse { ErrorMessage = "", Topics = topics, Nodes = isNamed && described is not null && context.ApiVersion >= FirstVersionWithNodes ? Nodes(described) : [] });
    }

    private static PartitionData Describe(QuorumDescription? described, RequestContext context) => described is null
        ? new PartitionData { ErrorCode = ErrorCode.NotLeaderOrFollower, ErrorMessage = "This node does not lead the quorum." }
        : new PartitionData
        {
            ErrorMessage = "",
            LeaderId = described.LeaderId,
            LeaderEpoch = described.Epoch,
            HighWatermark = described.HighWatermark,
            CurrentVoters = [.. described.Voters.Select(voter => Replica(voter, KeyOf(voter, described.VoterSet), described.LeaderId, context))],
            Observers = [.. described.Observers.Select(observer => Replica(observer, observer.Key, described.LeaderId, context))],
        };

    // Voters that are configuration have no directory.
    private static ReplicaKey KeyOf(ReplicaProgress voter, VoterSet voters) => voters.TryGet(voter.Key.Id, out Voter? known) ? known.Key : voter.Key;

    private static ReplicaState Replica(ReplicaProgress replica, ReplicaKey key, int leaderId, RequestContext context) => new()
    {
        ReplicaId = key.Id,
        ReplicaDirectoryId = context.ApiVersion >= FirstVersionWithDirectories ? new Uuid(key.DirectoryId.High, key.DirectoryId.Low) : Uuid.Zero,
        LogEndOffset = replica.EndOffset,
        LastFetchTimestamp = replica.Key.Id == leaderId ? context.NowMs : replica.LastFetchMs,
        LastCaughtUpTimestamp = replica.Key.Id == leaderId ? context.NowMs : replica.LastCaughtUpMs,
    };

    private Node[] Nodes(QuorumDescription described) =>
    [
        .. described.VoterSet.Voters.Select(voter => new Node
        {
            NodeId = voter.Key.Id,
            Listeners = cluster.Image.Controllers.TryGetValue(voter.Key.Id, out var registered)
                ? [.. registered.Endpoints.Select(static endpoint => new Listener { Name = endpoint.Listener, Host = endpoint.Host, Port = endpoint.Port })]
                : [.. voter.Endpoints.Select(static endpoint => new Listener { Name = endpoint.Listener, Host = endpoint.Host, Port = (ushort)endpoint.Port })],
        }),
    ];
}
