using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>
/// InitProducerId (key 22), v0-v5: without a transactional id a new producer id at epoch 0 (KIP-98), from blocks that the controller gives out
/// (KIP-730); with one the next epoch of its producer, after an open transaction was aborted. v3 takes the producer's own id and epoch
/// (KIP-360), of which only half is INVALID_REQUEST. v4 knows PRODUCER_FENCED, before it was INVALID_PRODUCER_EPOCH (KIP-588). v6 is not stable and
/// served only with unstable.api.versions.enable: two-phase commit (KIP-939) needs transaction.two.phase.commit.enable, otherwise it is refused with
/// TRANSACTIONAL_ID_AUTHORIZATION_FAILED; to keep a prepared transaction is UNSUPPORTED_VERSION, as in Kafka 4.4.
/// </summary>
public sealed class InitProducerIdHandler(TransactionCoordinator coordinator) : IRequestHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    private const short FencedVersion = 4;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.InitProducerId);

    /// <summary>The versions to serve.</summary>
    /// <param name="withUnstable">unstable.api.versions.enable.</param>
    public static ApiVersionRange VersionsFor(bool withUnstable) =>
        withUnstable ? Versions with { Highest = ApiTable.Find(ApiKey.InitProducerId)!.HighestVersion } : Versions;

    public async ValueTask<InitProducerIdResponse> HandleAsync(RequestContext context, InitProducerIdRequest request, CancellationToken token)
    {
        bool hasHalf = request.ProducerId == TransactionState.NoProducerId != (request.ProducerEpoch == TransactionState.NoProducerEpoch);
        ProducerAnswer answer = hasHalf ? new ProducerAnswer(ErrorCode.InvalidRequest) : await coordinator.InitProducerIdAsync(request, token);
        return new InitProducerIdResponse
        {
            ErrorCode = TransactionRequests.Fencing(answer.Error, context.ApiVersion >= FencedVersion),
            ProducerId = answer.ProducerId,
            ProducerEpoch = answer.ProducerEpoch,
        };
    }
}
