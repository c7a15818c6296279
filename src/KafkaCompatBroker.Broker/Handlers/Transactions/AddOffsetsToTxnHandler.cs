using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>
/// AddOffsetsToTxn (key 25), v0-v4: adds the partition that keeps the offsets of a group to the transaction of a producer (KIP-98). v2 knows
/// PRODUCER_FENCED. Clients of transactions v2 leave it out: TxnOffsetCommit v5 does the same (KIP-890).
/// </summary>
public sealed class AddOffsetsToTxnHandler(TransactionCoordinator coordinator, ClusterView cluster) : IRequestHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>
{
    private const short FencedVersion = 2;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AddOffsetsToTxn);

    public async ValueTask<AddOffsetsToTxnResponse> HandleAsync(RequestContext context, AddOffsetsToTxnRequest request, CancellationToken token)
    {
        TopicPartition partition = TransactionRequests.OffsetsPartition(cluster.Image, cluster.BrokerValues().Int("offsets.topic.num.partitions"), request.GroupId);
        ErrorCode error = await coordinator.AddPartitionsAsync(
            new ProducerClaim(request.TransactionalId, request.ProducerId, request.ProducerEpoch), [partition], clientVersion: 0, token);
        return new AddOffsetsToTxnResponse { ErrorCode = TransactionRequests.Fencing(error, context.ApiVersion >= FencedVersion) };
    }
}
