using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>
/// EndTxn (key 26), v0-v5: commits or aborts the transaction of a producer; answered when the outcome is decided for good, its markers follow. v2 knows
/// PRODUCER_FENCED. v5 gives the producer its next epoch, or a new id when the epochs are used up, and tells a retry from the next
/// transaction by the epoch (KIP-890).
/// </summary>
public sealed class EndTxnHandler(TransactionCoordinator coordinator) : IRequestHandler<EndTxnRequest, EndTxnResponse>
{
    private const short FencedVersion = 2;
    private const short EpochBumpVersion = 5;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.EndTxn);

    public async ValueTask<EndTxnResponse> HandleAsync(RequestContext context, EndTxnRequest request, CancellationToken token)
    {
        ProducerClaim claim = new(request.TransactionalId, request.ProducerId, request.ProducerEpoch);
        ProducerAnswer answer = await coordinator.EndAsync(claim, request.Committed, context.ApiVersion >= EpochBumpVersion, token);
        return new EndTxnResponse
        {
            ErrorCode = TransactionRequests.Fencing(answer.Error, context.ApiVersion >= FencedVersion),
            ProducerId = answer.ProducerId,
            ProducerEpoch = answer.ProducerEpoch,
        };
    }
}
