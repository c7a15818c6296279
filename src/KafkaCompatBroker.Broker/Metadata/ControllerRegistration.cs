using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Puts this controller's listeners and features into the log, where brokers and administrators find them (KIP-919).</summary>
internal static class ControllerRegistration
{
    /// <param name="incarnationId">A random id of this start.</param>
    /// <param name="endpoints">Advertised listeners.</param>
    public static async Task WriteAsync(ControllerShell controller, ClusterView cluster, Uuid incarnationId, IReadOnlyList<NodeEndpoint> endpoints, CancellationToken token)
    {
        var request = new ControllerRegistrationRequest
        {
            ControllerId = cluster.NodeId,
            IncarnationId = incarnationId,
            Listeners = [.. endpoints.Select(static one => new ControllerRegistrationRequest.Listener { Name = one.Listener, Host = one.Host, Port = one.Port, SecurityProtocol = one.SecurityProtocol })],
            Features = [.. cluster.Supported.Select(static one => new ControllerRegistrationRequest.Feature { Name = one.Name, MinSupportedVersion = one.Lowest, MaxSupportedVersion = one.Highest })],
        };
        // Metadata versions before 3.7 keep no controllers and answer UNSUPPORTED_VERSION, which is no failure.
        await controller.ExecuteAsync((active, _) => active.RegisterController(request), token).ConfigureAwait(false);
    }
}
