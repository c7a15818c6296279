using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Puts this controller's listeners and features into the log, where brokers and administrators find them (KIP-919).</summary>
internal sealed class ControllerRegistration(IActiveController controller, ClusterView cluster, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan UpgradePause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Registers in the background, as soon as a controller is active that takes it.</summary>
    /// <param name="incarnationId">A random id of this start.</param>
    /// <param name="endpoints">Advertised listeners.</param>
    public void Start(Uuid incarnationId, IReadOnlyList<NodeEndpoint> endpoints) => _ = RegisterAsync(Describe(incarnationId, endpoints), _stopping.Token);

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    internal ControllerRegistrationRequest Describe(Uuid incarnationId, IReadOnlyList<NodeEndpoint> endpoints) => new()
    {
        ControllerId = cluster.NodeId,
        IncarnationId = incarnationId,
        Listeners = [.. endpoints.Select(static one => new ControllerRegistrationRequest.Listener { Name = one.Listener, Host = one.Host, Port = one.Port, SecurityProtocol = one.SecurityProtocol })],
        Features = [.. cluster.Supported.Select(static one => new ControllerRegistrationRequest.Feature { Name = one.Name, MinSupportedVersion = one.Lowest, MaxSupportedVersion = one.Highest })],
    };

    private async Task RegisterAsync(ControllerRegistrationRequest request, CancellationToken token)
    {
        try
        {
            while (await TryAsync(request, token).ConfigureAwait(false) is { } pause) await Task.Delay(pause, time, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    /// <summary>Null when it is registered, else how long to wait before it is tried again.</summary>
    private async Task<TimeSpan?> TryAsync(ControllerRegistrationRequest request, CancellationToken token)
    {
        try
        {
            ControllerRegistrationResponse answer = await controller.RegisterControllerAsync(request, token).ConfigureAwait(false);
            if (answer.ErrorCode == ErrorCode.None) return null;
            // Metadata versions before 3.7 keep no controllers; after an upgrade they do.
            if (answer.ErrorCode == ErrorCode.UnsupportedVersion) return UpgradePause;
            BrokerLog.ControllerRegistrationFailed(logger, cluster.NodeId, answer.ErrorCode.ToString());
        }
        catch (TimeoutException cause)
        {
            BrokerLog.ControllerRegistrationFailed(logger, cluster.NodeId, cause.Message);
        }

        return RetryPause;
    }
}
