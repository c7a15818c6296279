using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Shares;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Groups.Share;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shares;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using static KafkaCompatBroker.Protocol.Messages.DescribeShareGroupOffsetsRequest;
using static KafkaCompatBroker.Protocol.Messages.DescribeShareGroupOffsetsResponse;

namespace KafkaCompatBroker.Broker.Handlers.Shares;

/// <summary>
/// DescribeShareGroupOffsets (90), v0-v1 (KIP-932): where share groups stand, as their share coordinators have it; without topics, in all partitions that
/// have state. A group or topic that does not exist has no offsets, which is no error. v1 tells how many records are left (KIP-1226).
/// </summary>
public sealed class DescribeShareGroupOffsetsHandler(CoordinatorRuntime<GroupShard> groups, ClusterView cluster, ShareStates states, EndOffsets endOffsets)
    : IRequestHandler<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse>
{
    private const int Unknown = -1;
    private const short FirstVersionWithLag = 1;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(Protocol.Messages.ApiKey.DescribeShareGroupOffsets);

    public async ValueTask<DescribeShareGroupOffsetsResponse> HandleAsync(
        RequestContext context, DescribeShareGroupOffsetsRequest request, CancellationToken token) =>
        new() { Groups = await Task.WhenAll(request.Groups.Select(group => DescribeAsync(group, context.ApiVersion >= FirstVersionWithLag))) };

    private async Task<DescribeShareGroupOffsetsResponseGroup> DescribeAsync(DescribeShareGroupOffsetsRequestGroup asked, bool tellsLag)
    {
        if (!ShareGroupProtocol.IsOn(cluster))
            return Refuse(asked.GroupId, ErrorCode.UnsupportedVersion);
        if (asked.GroupId.Length == 0)
            return Refuse(asked.GroupId, ErrorCode.InvalidGroupId);

        ShardAnswer<SharePartitions> answer = await groups.AskAsync<SharePartitions>(
            asked.GroupId, (shard, step, reply) => shard.SharePartitions(step, asked.GroupId, reply)).ConfigureAwait(false);
        if (answer.Response is not { } initialized)
            return Refuse(asked.GroupId, answer.Error);

        MetadataImage image = cluster.Image;
        IEnumerable<(string Name, Uuid Id, IEnumerable<int> Partitions)> topics = asked.Topics is { } named
            ? named.Select(topic => (topic.TopicName, image.Topic(topic.TopicName)?.Id ?? Uuid.Zero, (IEnumerable<int>)topic.Partitions))
            : initialized.Partitions.GroupBy(static partition => partition.Topic)
                .Where(topic => image.Topic(topic.Key) is not null)
                .Select(topic => (image.Topic(topic.Key)!.Name, topic.Key, topic.Select(static partition => partition.Partition)));
        return new()
        {
            GroupId = asked.GroupId,
            Topics = await Task.WhenAll(topics.Select(async topic => new DescribeShareGroupOffsetsResponseTopic
            {
                TopicName = topic.Name,
                TopicId = topic.Id,
                Partitions = await Task.WhenAll(topic.Partitions.Select(partition =>
                    DescribeAsync(new SharePartitionKey(asked.GroupId, topic.Id, partition), new TopicPartition(topic.Name, partition), tellsLag))).ConfigureAwait(false),
            })).ConfigureAwait(false),
        };
    }

    private async Task<DescribeShareGroupOffsetsResponsePartition> DescribeAsync(SharePartitionKey key, TopicPartition name, bool tellsLag)
    {
        ShareStateAnswer answer = key.TopicId == Uuid.Zero
            ? new ShareStateAnswer(ErrorCode.None, ShareState.None)
            : await states.ReadAsync(key).ConfigureAwait(false);
        DescribeShareGroupOffsetsResponsePartition described = new()
        {
            PartitionIndex = key.Partition,
            StartOffset = answer.Error == ErrorCode.None ? answer.State.StartOffset : Unknown,
            LeaderEpoch = answer.State.LeaderEpoch,
            Lag = Unknown,
            ErrorCode = answer.Error,
            ErrorMessage = answer.Error == ErrorCode.None ? null : answer.Error.Message(),
        };
        if (tellsLag && described.StartOffset >= 0 && answer.State.DeliveryCompleteCount >= 0
            && await endOffsets.FindAsync(name).ConfigureAwait(false) is { } endOffset)
        {
            described.Lag = Math.Max(0, endOffset - described.StartOffset - answer.State.DeliveryCompleteCount);
        }

        return described;
    }

    private static DescribeShareGroupOffsetsResponseGroup Refuse(string groupId, ErrorCode error) =>
        new() { GroupId = groupId, ErrorCode = error, ErrorMessage = error.Message() };
}
