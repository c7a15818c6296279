using System.Globalization;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Configs;

/// <summary>
/// ListConfigResources (74): names of resources that have or may have properties (KIP-1142). v0 lists client metrics subscriptions
/// only (KIP-714); v1 lists the kinds that are named, or all; an unknown kind is UNSUPPORTED_VERSION.
/// </summary>
public sealed class ListConfigResourcesHandler(ClusterView cluster) : IRequestHandler<ListConfigResourcesRequest, ListConfigResourcesResponse>
{
    private static readonly ConfigResourceType[] Kinds =
    [
        ConfigResourceType.Topic, ConfigResourceType.Broker, ConfigResourceType.BrokerLogger, ConfigResourceType.ClientMetrics, ConfigResourceType.Group,
    ];

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ListConfigResources);

    public ValueTask<ListConfigResourcesResponse> HandleAsync(RequestContext context, ListConfigResourcesRequest request, CancellationToken token)
    {
        ConfigResourceType[] wanted = context.ApiVersion == 0 ? [ConfigResourceType.ClientMetrics]
            : request.ResourceTypes.Length == 0 ? Kinds
            : [.. request.ResourceTypes.Select(static kind => (ConfigResourceType)kind).Distinct()];
        if (wanted.Except(Kinds).Any()) return ValueTask.FromResult(new ListConfigResourcesResponse { ErrorCode = ErrorCode.UnsupportedVersion });
        MetadataImage image = cluster.Image;
        return ValueTask.FromResult(new ListConfigResourcesResponse
        {
            ConfigResources =
            [
                .. wanted.SelectMany(kind => NamesOf(image, kind).Select(name => new ListConfigResourcesResponse.ConfigResource { ResourceName = name, ResourceType = (sbyte)kind })),
            ],
        });
    }

    private static IEnumerable<string> NamesOf(MetadataImage image, ConfigResourceType kind) => kind switch
    {
        ConfigResourceType.Topic => image.TopicsByName.Keys,
        ConfigResourceType.Broker or ConfigResourceType.BrokerLogger =>
            image.Brokers.Values.Where(static broker => !broker.IsFenced).Select(static broker => broker.Id.ToString(CultureInfo.InvariantCulture)),
        _ => image.Configs.Keys.Where(resource => resource.Type == kind).Select(static resource => resource.Name),
    };
}
