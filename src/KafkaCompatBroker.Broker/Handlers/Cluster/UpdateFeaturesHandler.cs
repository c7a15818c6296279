using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// UpdateFeatures (57): changes finalized feature levels, all or none (KIP-584). A bad one fails the request with
/// INVALID_UPDATE_VERSION. v0: a downgrade flag in place of a type; v1: validate only; v2: no list of features in the answer.
/// </summary>
public sealed class UpdateFeaturesHandler(ControllerShell controller) : IRequestHandler<UpdateFeaturesRequest, UpdateFeaturesResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.UpdateFeatures);

    public async ValueTask<UpdateFeaturesResponse> HandleAsync(RequestContext context, UpdateFeaturesRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.UpdateFeatures(request, context.ApiVersion), token).ConfigureAwait(false);
}
