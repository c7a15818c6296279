using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>
/// Takes a node that is broker and controller in one through its life: registered and fenced at its start, unfenced when its logs
/// are ready, in controlled shutdown before it stops. The records are the same as those of separate nodes.
/// </summary>
public sealed class SelfRegistration(ControllerShell controller, ClusterView cluster)
{
    private long _epoch = -1;

    /// <summary>The epoch of this start; -1 before it is registered.</summary>
    public long BrokerEpoch => Interlocked.Read(ref _epoch);

    /// <summary>Registers the controller and the broker. The broker is fenced until <see cref="UnfenceAsync"/>.</summary>
    /// <param name="incarnationId">A random id of this start.</param>
    /// <param name="rack">broker.rack, or null.</param>
    /// <param name="endpoints">Advertised listeners of the broker.</param>
    /// <param name="controllerEndpoints">Listeners of the controller.</param>
    /// <param name="logDirs">Directory ids from meta.properties.</param>
    /// <param name="previousEpoch">Epoch of the last start if it ended cleanly, else -1.</param>
    /// <exception cref="InvalidOperationException">The cluster refuses this broker.</exception>
    public async Task RegisterAsync(
        Uuid incarnationId,
        string? rack,
        IReadOnlyList<NodeEndpoint> endpoints,
        IReadOnlyList<NodeEndpoint> controllerEndpoints,
        IReadOnlyList<Uuid> logDirs,
        long previousEpoch,
        CancellationToken token)
    {
        var controllerRequest = new ControllerRegistrationRequest
        {
            ControllerId = cluster.NodeId,
            IncarnationId = incarnationId,
            Listeners = [.. controllerEndpoints.Select(static one => new ControllerRegistrationRequest.Listener { Name = one.Listener, Host = one.Host, Port = one.Port, SecurityProtocol = one.SecurityProtocol })],
            Features = [.. cluster.Supported.Select(static one => new ControllerRegistrationRequest.Feature { Name = one.Name, MinSupportedVersion = one.Lowest, MaxSupportedVersion = one.Highest })],
        };
        await controller.ExecuteAsync((active, _) => active.RegisterController(controllerRequest), token).ConfigureAwait(false);
        var request = new BrokerRegistrationRequest
        {
            BrokerId = cluster.NodeId,
            ClusterId = cluster.ClusterId,
            IncarnationId = incarnationId,
            Listeners = [.. endpoints.Select(static one => new BrokerRegistrationRequest.Listener { Name = one.Listener, Host = one.Host, Port = one.Port, SecurityProtocol = one.SecurityProtocol })],
            Features = [.. cluster.Supported.Select(static one => new BrokerRegistrationRequest.Feature { Name = one.Name, MinSupportedVersion = one.Lowest, MaxSupportedVersion = one.Highest })],
            Rack = rack,
            LogDirs = [.. logDirs],
            PreviousBrokerEpoch = previousEpoch,
        };
        BrokerRegistrationResponse response = await controller.ExecuteAsync(
            (active, nowMs) => active.RegisterBroker(request, active.Image.Offset + 1, nowMs), token).ConfigureAwait(false);
        if (response.ErrorCode != ErrorCode.None)
            throw new InvalidOperationException($"The cluster refuses broker {cluster.NodeId}: {response.ErrorCode}.");
        Interlocked.Exchange(ref _epoch, response.BrokerEpoch);
    }

    /// <summary>Lets the broker lead its partitions.</summary>
    public Task UnfenceAsync(CancellationToken token) => HeartbeatAsync(false, token);

    /// <summary>Gives up leadership before the broker stops.</summary>
    public Task ShutDownAsync(CancellationToken token) => HeartbeatAsync(true, token);

    private async Task HeartbeatAsync(bool wantsShutDown, CancellationToken token)
    {
        var request = new BrokerHeartbeatRequest
        {
            BrokerId = cluster.NodeId,
            BrokerEpoch = BrokerEpoch,
            CurrentMetadataOffset = cluster.Image.Offset,
            WantShutDown = wantsShutDown,
        };
        BrokerHeartbeatResponse response = await controller.ExecuteAsync((active, nowMs) => active.BrokerHeartbeat(request, nowMs), token).ConfigureAwait(false);
        if (response.ErrorCode != ErrorCode.None)
            throw new InvalidOperationException($"The controller does not know broker {cluster.NodeId}: {response.ErrorCode}.");
    }
}
