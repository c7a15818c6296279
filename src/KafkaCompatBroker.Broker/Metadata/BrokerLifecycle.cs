using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>
/// Takes this broker through its life in the cluster: registered and fenced at its start, unfenced when its logs are ready, kept alive by
/// heartbeats, in controlled shutdown before it stops.
/// </summary>
public sealed class BrokerLifecycle(IActiveController controller, ClusterView cluster, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LeavePause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stopping = new();
    private Task _heartbeats = Task.CompletedTask;
    private long _epoch = -1;

    /// <summary>The epoch of this start; -1 before it is registered.</summary>
    public long BrokerEpoch => Interlocked.Read(ref _epoch);

    /// <summary>The directories that take no new replicas now (KIP-1066).</summary>
    public Func<IReadOnlyList<Uuid>> CordonedDirectories { get; init; } = static () => [];

    /// <summary>Directories that failed; null for a broker whose directories nobody watches.</summary>
    public DirectoryFailures? Failures { get; init; }

    /// <summary>Registers the broker, fenced. Tried again until the time is over: an earlier start of it may have to run out first.</summary>
    /// <exception cref="BrokerStartException">The cluster refuses this broker, or no controller answers.</exception>
    public async Task RegisterAsync(BrokerRegistrationRequest request, TimeSpan timeout, CancellationToken token)
    {
        long startedTicks = time.GetTimestamp();
        while (true)
        {
            string refusal;
            try
            {
                BrokerRegistrationResponse response = await controller.RegisterAsync(request, token).ConfigureAwait(false);
                if (response.ErrorCode == ErrorCode.None)
                {
                    Interlocked.Exchange(ref _epoch, response.BrokerEpoch);
                    return;
                }

                refusal = response.ErrorCode.ToString();
            }
            catch (TimeoutException cause)
            {
                refusal = cause.Message;
            }

            if (time.GetElapsedTime(startedTicks) >= timeout)
                throw new BrokerStartException($"The cluster does not register broker {cluster.NodeId}: {refusal}");
            await Task.Delay(RetryPause, time, token).ConfigureAwait(false);
        }
    }

    /// <summary>The request that registers a broker.</summary>
    /// <param name="incarnationId">A random id of this start.</param>
    /// <param name="rack">broker.rack, or null.</param>
    /// <param name="endpoints">Advertised listeners.</param>
    /// <param name="logDirs">Directory ids from meta.properties.</param>
    /// <param name="previousEpoch">Epoch of the last start if it ended cleanly, else -1.</param>
    public BrokerRegistrationRequest Describe(
        Uuid incarnationId, string? rack, IReadOnlyList<NodeEndpoint> endpoints, IReadOnlyList<Uuid> logDirs, long previousEpoch) => new()
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

    /// <summary>Lets the broker lead its partitions; completes when the controller has unfenced it.</summary>
    public async Task UnfenceAsync(CancellationToken token)
    {
        while (true)
        {
            try
            {
                if (await BeatAsync(wantsShutDown: false, token).ConfigureAwait(false) is { ErrorCode: ErrorCode.None, IsFenced: false }) return;
            }
            catch (TimeoutException cause)
            {
                BrokerLog.HeartbeatFailed(logger, cluster.NodeId, cause.Message);
            }

            await Task.Delay(RetryPause, time, token).ConfigureAwait(false);
        }
    }

    /// <summary>Keeps the broker's session alive until the broker shuts down.</summary>
    public void KeepAlive(TimeSpan interval) => _heartbeats = KeepAliveAsync(interval, _stopping.Token);

    /// <summary>Gives up leadership before the broker stops; completes when the controller lets it go, or cannot be asked.</summary>
    public async Task ShutDownAsync(CancellationToken token)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _heartbeats.ConfigureAwait(false);
        try
        {
            while (await BeatAsync(wantsShutDown: true, token).ConfigureAwait(false) is { ShouldShutDown: false } response)
            {
                if (response.ErrorCode != ErrorCode.None)
                {
                    BrokerLog.HeartbeatFailed(logger, cluster.NodeId, response.ErrorCode.ToString());
                    return;
                }

                await Task.Delay(LeavePause, time, token).ConfigureAwait(false);
            }
        }
        catch (TimeoutException cause)
        {
            // Without a controller nobody can take over; the session runs out when there is one again.
            BrokerLog.HeartbeatFailed(logger, cluster.NodeId, cause.Message);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task KeepAliveAsync(TimeSpan interval, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            try
            {
                await PauseAsync(interval, token).ConfigureAwait(false);
                BrokerHeartbeatResponse response = await BeatAsync(wantsShutDown: false, token).ConfigureAwait(false);
                if (response.ErrorCode != ErrorCode.None) BrokerLog.HeartbeatFailed(logger, cluster.NodeId, response.ErrorCode.ToString());
            }
            catch (TimeoutException cause)
            {
                BrokerLog.HeartbeatFailed(logger, cluster.NodeId, cause.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // Said until the controller has it; nothing when there is nothing to say, so that brokers without cordons write no record about them.
    private Uuid[]? NewCordons()
    {
        IReadOnlyList<Uuid> cordoned = CordonedDirectories();
        bool hasNone = cordoned.Count == 0 && cluster.Image.Brokers.GetValueOrDefault(cluster.NodeId) is not { CordonedLogDirs.IsDefaultOrEmpty: false };
        return hasNone ? null : [.. cordoned];
    }

    // A directory that fails is told at once.
    private async Task PauseAsync(TimeSpan interval, CancellationToken token)
    {
        Task failure = Failures?.Next ?? Task.Delay(Timeout.InfiniteTimeSpan, token);
        await failure.WaitAsync(interval, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        token.ThrowIfCancellationRequested();
    }

    private async Task<BrokerHeartbeatResponse> BeatAsync(bool wantsShutDown, CancellationToken token)
    {
        IReadOnlyList<Uuid> failed = Failures?.Ids ?? [];
        bool isTold = false;
        try
        {
            BrokerHeartbeatResponse response = await controller.HeartbeatAsync(
                new BrokerHeartbeatRequest
                {
                    BrokerId = cluster.NodeId,
                    BrokerEpoch = BrokerEpoch,
                    CurrentMetadataOffset = cluster.Image.Offset,
                    WantShutDown = wantsShutDown,
                    OfflineLogDirs = [.. failed],
                    CordonedLogDirs = NewCordons(),
                },
                token).ConfigureAwait(false);
            isTold = response.ErrorCode == ErrorCode.None;
            return response;
        }
        finally
        {
            Failures?.Told(isTold ? failed : null);
        }
    }
}
