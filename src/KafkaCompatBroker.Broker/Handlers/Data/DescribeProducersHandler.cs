using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// DescribeProducers (key 61), v0: the producers that a partition remembers, with their last sequence and open transaction (KIP-664).
/// Every replica answers, also a follower: tools that look for hanging transactions compare them.
/// </summary>
public sealed class DescribeProducersHandler(PartitionHost host) : IRequestHandler<DescribeProducersRequest, DescribeProducersResponse>
{
    public static ApiVersionRange Versions => new(0, 0);

    public ValueTask<DescribeProducersResponse> HandleAsync(
        RequestContext context, DescribeProducersRequest request, CancellationToken token) =>
        new(new DescribeProducersResponse
        {
            Topics = [.. request.Topics.Select(topic => new DescribeProducersResponse.TopicResponse
            {
                Name = topic.Name,
                Partitions = [.. topic.PartitionIndexes.Select(index => Describe(topic.Name, index))],
            })],
        });

    private DescribeProducersResponse.PartitionResponse Describe(string topic, int index)
    {
        DescribeProducersResponse.PartitionResponse answer = new() { PartitionIndex = index };
        if (TopicName.FindProblem(topic) is { } problem)
        {
            answer.ErrorCode = ErrorCode.InvalidTopicException;
            answer.ErrorMessage = problem;
            return answer;
        }

        answer.ErrorCode = host.Find(topic, index, out Partition? partition);
        if (partition is not null)
            answer.ErrorCode = partition.View(-1, mustLead: false, ReadLimit.LogEnd).Error;
        if (partition is null || answer.ErrorCode != ErrorCode.None)
        {
            // Kafka explains an unknown topic, not an unknown partition of a known one.
            answer.ErrorMessage = host.Image.Topic(topic) is null ? answer.ErrorCode.Message() : null;
            return answer;
        }

        answer.ActiveProducers = [.. partition.Log.Producers.Active().Select(producer => new DescribeProducersResponse.ProducerState
        {
            ProducerId = producer.ProducerId,
            ProducerEpoch = producer.ProducerEpoch,
            LastSequence = producer.LastSequence,
            LastTimestamp = producer.TimestampMs,
            CoordinatorEpoch = producer.CoordinatorEpoch,
            CurrentTxnStartOffset = producer.TransactionFirstOffset,
        })];
        return answer;
    }
}
