using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Quorum;

/// <summary>
/// AllocateProducerIds (67): a block of producer ids for one broker (KIP-730); STALE_BROKER_EPOCH from an earlier start.
/// </summary>
public sealed class AllocateProducerIdsHandler(IActiveController controller) : IRequestHandler<AllocateProducerIdsRequest, AllocateProducerIdsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AllocateProducerIds);

    public async ValueTask<AllocateProducerIdsResponse> HandleAsync(RequestContext context, AllocateProducerIdsRequest request, CancellationToken token) =>
        await controller.AllocateProducerIdsAsync(request, token).ConfigureAwait(false);
}
