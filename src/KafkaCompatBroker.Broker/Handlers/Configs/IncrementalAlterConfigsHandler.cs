using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.IncrementalAlterConfigsResponse;
using AlterConfigsResource = KafkaCompatBroker.Protocol.Messages.IncrementalAlterConfigsRequest.AlterConfigsResource;

namespace KafkaCompatBroker.Broker.Handlers.Configs;

/// <summary>
/// IncrementalAlterConfigs (44): sets, deletes, appends to or subtracts from properties of topics, brokers, groups and client metrics
/// subscriptions (KIP-339), each resource on its own; they take effect without a restart. Loggers are this node's own affair and
/// never reach the metadata log. All versions alike.
/// </summary>
public sealed class IncrementalAlterConfigsHandler(IActiveController controller, LoggerConfigs loggers)
    : IRequestHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.IncrementalAlterConfigs);

    public async ValueTask<IncrementalAlterConfigsResponse> HandleAsync(RequestContext context, IncrementalAlterConfigsRequest request, CancellationToken token)
    {
        if (!request.Resources.Any(IsLogger)) return await controller.IncrementalAlterConfigsAsync(request, token).ConfigureAwait(false);
        var others = new IncrementalAlterConfigsRequest { Resources = [.. request.Resources.Where(static one => !IsLogger(one))], ValidateOnly = request.ValidateOnly };
        IncrementalAlterConfigsResponse response = await controller.IncrementalAlterConfigsAsync(others, token).ConfigureAwait(false);
        var rest = new Queue<AlterConfigsResourceResponse>(response.Responses);
        response.Responses = [.. request.Resources.Select(resource => IsLogger(resource) ? AlterLogger(resource, request.ValidateOnly) : rest.Dequeue())];
        return response;
    }

    private static bool IsLogger(AlterConfigsResource resource) => resource.ResourceType == (sbyte)ConfigResourceType.BrokerLogger;

    private AlterConfigsResourceResponse AlterLogger(AlterConfigsResource resource, bool validateOnly)
    {
        (ErrorCode code, string? message) = loggers.Alter(resource, validateOnly);
        return new AlterConfigsResourceResponse
        {
            ErrorCode = code,
            ErrorMessage = message,
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
        };
    }
}
