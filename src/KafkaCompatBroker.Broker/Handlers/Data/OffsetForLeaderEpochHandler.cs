using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// OffsetForLeaderEpoch (key 23), v2-v4: where a leader epoch ends in this log, so that consumers and followers find the point up to
/// which their logs agree (KIP-101, KIP-320). v2 current leader epoch, v3 replica id. An epoch that is not known gives -1 and -1.
/// </summary>
public sealed class OffsetForLeaderEpochHandler(PartitionHost host)
    : IRequestHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>
{
    public static ApiVersionRange Versions => new(2, 4);

    public ValueTask<OffsetForLeaderEpochResponse> HandleAsync(
        RequestContext context, OffsetForLeaderEpochRequest request, CancellationToken token) =>
        new(new OffsetForLeaderEpochResponse
        {
            Topics = [.. request.Topics.Select(topic => new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
            {
                Topic = topic.Topic,
                Partitions = [.. topic.Partitions.Select(partition => Find(topic.Topic, partition))],
            })],
        });

    private OffsetForLeaderEpochResponse.EpochEndOffset Find(string topic, OffsetForLeaderEpochRequest.OffsetForLeaderPartition asked)
    {
        OffsetForLeaderEpochResponse.EpochEndOffset answer = new() { Partition = asked.Partition };
        answer.ErrorCode = host.Find(topic, asked.Partition, out Partition? partition);
        if (partition is null)
            return answer;

        answer.ErrorCode = partition.View(asked.CurrentLeaderEpoch, mustLead: true, ReadLimit.LogEnd).Error;
        if (answer.ErrorCode != ErrorCode.None)
            return answer;

        EpochStart end = partition.Log.OffsetForEpoch(asked.LeaderEpoch);
        answer.LeaderEpoch = end.Epoch;
        answer.EndOffset = end.StartOffset;
        return answer;
    }
}
