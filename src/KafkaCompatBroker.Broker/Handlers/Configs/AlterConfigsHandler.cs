using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Configs;

/// <summary>
/// AlterConfigs (33): replaces all dynamic properties of a resource, so that concurrent changes overwrite each other;
/// IncrementalAlterConfigs took its place (KIP-339). All versions alike.
/// </summary>
public sealed class AlterConfigsHandler(ControllerShell controller) : IRequestHandler<AlterConfigsRequest, AlterConfigsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AlterConfigs);

    public async ValueTask<AlterConfigsResponse> HandleAsync(RequestContext context, AlterConfigsRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.AlterConfigs(request), token).ConfigureAwait(false);
}
