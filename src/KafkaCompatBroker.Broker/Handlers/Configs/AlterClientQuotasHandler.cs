using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Configs;

/// <summary>
/// AlterClientQuotas (49): sets and removes quotas of users, client ids and addresses in the metadata log (KIP-546), each entity on its own;
/// INVALID_REQUEST for an entity, key or value that cannot be. All versions alike.
/// </summary>
public sealed class AlterClientQuotasHandler(ControllerShell controller) : IRequestHandler<AlterClientQuotasRequest, AlterClientQuotasResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AlterClientQuotas);

    public async ValueTask<AlterClientQuotasResponse> HandleAsync(RequestContext context, AlterClientQuotasRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.AlterClientQuotas(request), token).ConfigureAwait(false);
}
