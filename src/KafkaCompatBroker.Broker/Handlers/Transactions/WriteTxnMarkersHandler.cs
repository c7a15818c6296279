using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using static KafkaCompatBroker.Protocol.Messages.WriteTxnMarkersRequest;
using static KafkaCompatBroker.Protocol.Messages.WriteTxnMarkersResponse;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>
/// WriteTxnMarkers (key 27), v1-v2: a coordinator, or an operator (KIP-664), ends transactions in partitions that this broker leads. Answered when the
/// markers are committed. TRANSACTION_COORDINATOR_FENCED for an older coordinator, INVALID_PRODUCER_EPOCH for an older producer. v2 says in which
/// version of transactions the producer lives, where an epoch ends only transactions of lower ones (KIP-1228).
/// </summary>
public sealed class WriteTxnMarkersHandler(MarkerWriter writer) : IRequestHandler<WriteTxnMarkersRequest, WriteTxnMarkersResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(Protocol.Messages.ApiKey.WriteTxnMarkers);

    public async ValueTask<WriteTxnMarkersResponse> HandleAsync(RequestContext context, WriteTxnMarkersRequest request, CancellationToken token) =>
        new() { Markers = await Task.WhenAll(request.Markers.Select(WriteAsync)) };

    private async Task<WritableTxnMarkerResult> WriteAsync(WritableTxnMarker asked)
    {
        TransactionMarker marker = new(asked.ProducerId, asked.ProducerEpoch, asked.CoordinatorEpoch, asked.TransactionResult, asked.TransactionVersion);
        return new WritableTxnMarkerResult
        {
            ProducerId = asked.ProducerId,
            Topics = await Task.WhenAll(asked.Topics.Select(topic => WriteAsync(topic, marker))).ConfigureAwait(false),
        };
    }

    private async Task<WritableTxnMarkerTopicResult> WriteAsync(WritableTxnMarkerTopic topic, TransactionMarker marker) => new()
    {
        Name = topic.Name,
        Partitions = await Task.WhenAll(topic.PartitionIndexes.Select(async index => new WritableTxnMarkerPartitionResult
        {
            PartitionIndex = index,
            ErrorCode = await writer.WriteAsync(new TopicPartition(topic.Name, index), marker).ConfigureAwait(false),
        })).ConfigureAwait(false),
    };
}
