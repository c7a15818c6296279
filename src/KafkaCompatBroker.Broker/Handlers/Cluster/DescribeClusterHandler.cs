using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.DescribeClusterResponse;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// DescribeCluster (60): brokers of the cluster, or its controllers on a controller's listener (KIP-700, KIP-919). v1+: the kind
/// that the client wants; MISMATCHED_ENDPOINT_TYPE on the other kind of listener, UNSUPPORTED_ENDPOINT_TYPE for an unknown one.
/// v2+: fenced brokers when asked for (KIP-1073).
/// </summary>
public sealed class DescribeClusterHandler(ClusterView cluster) : IRequestHandler<DescribeClusterRequest, DescribeClusterResponse>
{
    private const sbyte Brokers = 1;
    private const sbyte Controllers = 2;

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeCluster);

    public ValueTask<DescribeClusterResponse> HandleAsync(RequestContext context, DescribeClusterRequest request, CancellationToken token)
    {
        sbyte here = context.Listener.Kind == ApiListeners.Controller ? Controllers : Brokers;
        if (request.EndpointType is not (Brokers or Controllers))
            return ValueTask.FromResult(Refuse(ErrorCode.UnsupportedEndpointType, $"Unsupported endpoint type {request.EndpointType}"));
        if (request.EndpointType != here)
            return ValueTask.FromResult(Refuse(ErrorCode.MismatchedEndpointType,
                $"The request was sent to an endpoint of type {NameOf(here)}, but we wanted an endpoint of type {NameOf(request.EndpointType)}"));
        MetadataImage image = cluster.Image;
        return ValueTask.FromResult(new DescribeClusterResponse
        {
            ErrorMessage = null,
            EndpointType = here,
            ClusterId = cluster.ClusterId,
            ControllerId = here == Controllers ? cluster.ActiveControllerId : cluster.AnyLiveBroker(),
            Brokers = here == Controllers ? ControllersOf(image, context.ListenerName) : BrokersOf(image, context.ListenerName, request.IncludeFencedBrokers),
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.EveryClusterOperation : AuthorizedOperations.Omitted,
        });
    }

    private static string NameOf(sbyte type) => type == Controllers ? "CONTROLLER" : "BROKER";

    private DescribeClusterResponse Refuse(ErrorCode code, string message) =>
        new() { ErrorCode = code, ErrorMessage = message, ClusterId = cluster.ClusterId, ControllerId = -1 };

    private static DescribeClusterBroker[] BrokersOf(MetadataImage image, string listener, bool includeFenced) =>
    [
        .. image.Brokers.Values.Where(broker => (includeFenced || !broker.IsFenced) && broker.EndpointOf(listener) is not null)
            .Select(broker => new DescribeClusterBroker
            {
                BrokerId = broker.Id,
                Host = broker.EndpointOf(listener)!.Host,
                Port = broker.EndpointOf(listener)!.Port,
                Rack = broker.Rack,
                IsFenced = broker.IsFenced,
            }),
    ];

    private static DescribeClusterBroker[] ControllersOf(MetadataImage image, string listener) =>
    [
        .. image.Controllers.Values.Where(controller => controller.Endpoints.Any(endpoint => endpoint.Listener == listener))
            .Select(controller => (Controller: controller, Endpoint: controller.Endpoints.First(endpoint => endpoint.Listener == listener)))
            .Select(static one => new DescribeClusterBroker { BrokerId = one.Controller.Id, Host = one.Endpoint.Host, Port = one.Endpoint.Port }),
    ];
}
