using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Handlers.Data;

/// <summary>
/// InitProducerId (key 22), v0-v5, for idempotent producers: a new producer id at epoch 0 (KIP-98), from blocks that the controller
/// gives out (KIP-730). v3 takes the producer's own id and epoch (KIP-360), of which only half is INVALID_REQUEST. A transactional id
/// needs a transaction coordinator: COORDINATOR_NOT_AVAILABLE until there is one; an empty one is INVALID_REQUEST.
/// </summary>
public sealed class InitProducerIdHandler(ProducerIds producerIds) : IRequestHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    private const long NoProducerId = -1;
    private const short NoProducerEpoch = -1;

    public static ApiVersionRange Versions => new(0, 5);

    public async ValueTask<InitProducerIdResponse> HandleAsync(
        RequestContext context, InitProducerIdRequest request, CancellationToken token)
    {
        if (request.TransactionalId is { } transactionalId)
            return Refuse(transactionalId.Length == 0 ? ErrorCode.InvalidRequest : ErrorCode.CoordinatorNotAvailable);
        if (request.ProducerId == NoProducerId != (request.ProducerEpoch == NoProducerEpoch))
            return Refuse(ErrorCode.InvalidRequest);

        (ErrorCode error, long producerId) = await producerIds.NextAsync(token);
        return error == ErrorCode.None
            ? new() { ProducerId = producerId, ProducerEpoch = 0 }
            : Refuse(error);
    }

    private static InitProducerIdResponse Refuse(ErrorCode error) =>
        new() { ErrorCode = error, ProducerId = NoProducerId, ProducerEpoch = NoProducerEpoch };
}
