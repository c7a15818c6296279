using System.Diagnostics.Metrics;
using System.Net;
using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Network;
using KafkaCompatBroker.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker;

/// <summary>
/// One node, composed by hand: the order in which it starts is <see cref="StartAsync(CancellationToken)"/>, the order in which it stops
/// is the reverse. Nothing is process-wide: several nodes may run in one process, on any ports.
/// </summary>
public sealed class BrokerServer : IAsyncDisposable
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private readonly BrokerConfig _config;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<(string Part, Func<bool, Task> Stop)> _stops = new();
    private readonly List<TcpListenerLoop> _listeners = [];
    private DelayedFetches? _delayedFetches;
    private int _isStopped;

    private BrokerServer(BrokerConfig config, ILoggerFactory loggers, TimeProvider time)
    {
        _config = config;
        _loggers = loggers;
        _logger = loggers.CreateLogger<BrokerServer>();
        _time = time;
    }

    public int NodeId => _config.NodeId;

    public string ClusterId { get; private set; } = "";

    /// <summary>Bound addresses by listener name, with the ports that the kernel chose for port 0.</summary>
    public IReadOnlyDictionary<string, IPEndPoint> Endpoints => _listeners.ToDictionary(listener => listener.Name, listener => listener.LocalEndPoint);

    /// <summary>Fetches that wait for records now.</summary>
    public int DelayedFetchCount => _delayedFetches?.Count ?? 0;

    /// <summary>Completes with the cause when the node can serve no longer and must be stopped.</summary>
    public Task<Exception> Failure => _failure.Task;

    /// <summary>Starts a node; it serves when the task completes.</summary>
    /// <exception cref="BrokerStartException">The operator has to do something; the message says what.</exception>
    public static async Task<BrokerServer> StartAsync(
        BrokerConfig config, ILoggerFactory loggers, TimeProvider? time = null, CancellationToken token = default)
    {
        BrokerServer server = new(config, loggers, time ?? TimeProvider.System);
        try
        {
            await server.StartAsync(token).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.StopPartsAsync(isClean: false).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Controlled shutdown: leadership is given up, requests are answered, logs are closed so that the next start is quick.</summary>
    public Task StopAsync() => StopPartsAsync(isClean: true);

    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async Task StartAsync(CancellationToken token)
    {
        NodeDirectories directories = NodeDirectories.Open(_config, _time, _loggers);
        ClusterId = directories.ClusterId;
        long brokerEpoch = -1;
        long previousEpoch = directories.PreviousEpoch;
        OnStop("logs", isClean => directories.Logs.Close(isClean, brokerEpoch));

        TimerQueue timers = new(_time);
        OnStop("timers", _ => timers.Dispose());

        MetadataPublisher publisher = new();
        MetadataLog metadataLog = OpenMetadataLog(directories);
        OnStop("metadata log", isClean => metadataLog.Close(isClean));
        ClusterView cluster = new(NodeId, ClusterId, _config.Resolver, publisher, metadataLog);
        MetadataController pure = new(new ControllerSettings(NodeId, ClusterId, _config.Resolver), RandomId.Next);
        ControllerShell controller = new(pure, metadataLog, publisher, _time);
        metadataLog.Start(new MetadataStateMachine(controller, publisher), cause => _failure.TrySetResult(cause));
        await LeadAsync(metadataLog, token).ConfigureAwait(false);
        await controller.ActivateAsync(metadataLog.BootstrapRecords, token).ConfigureAwait(false);

        Meter meter = new("KafkaCompatBroker");
        OnStop("meter", _ => meter.Dispose());
        NetworkServer network = new(_config.NetworkOptions(), _time, meter, _loggers.CreateLogger<NetworkServer>());
        PartitionHost host = new(_config, directories.Logs, _time, _logger);
        ProducerIds producerIds = new(() => controller.ExecuteAsync(
            (active, _) => active.AllocateProducerIds(new AllocateProducerIdsRequest { BrokerId = NodeId, BrokerEpoch = brokerEpoch }), CancellationToken.None));
        DataHandlers data = new(host, directories.Logs, cluster, timers, producerIds, Sessions());
        _delayedFetches = data.DelayedFetches;
        BindListeners(network, meter, cluster, controller, metadataLog, data);
        OnStop("network", isClean => network.StopAsync(isClean ? DrainTime : TimeSpan.Zero));

        BrokerLog.Recovering(_logger, NodeId);
        host.Load(publisher.Image);
        LogKeeper keeper = new(directories.Logs, timers, _time);
        OnStop("log keeper", _ => keeper.Stop());
        keeper.Start();

        SelfRegistration registration = new(controller, cluster);
        await registration.RegisterAsync(
            RandomId.Next(), _config.Rack, Advertised(isController: false), Advertised(isController: true), directories.Ids, previousEpoch, token).ConfigureAwait(false);
        brokerEpoch = registration.BrokerEpoch;
        host.Follow(publisher);
        await registration.UnfenceAsync(token).ConfigureAwait(false);
        OnStop("registration", isClean => isClean ? registration.ShutDownAsync(CancellationToken.None) : Task.CompletedTask);

        _listeners.ForEach(listener => listener.Start());
        BrokerLog.Running(_logger, NodeId);
    }

    private static async Task LeadAsync(MetadataLog metadataLog, CancellationToken token)
    {
        try
        {
            await metadataLog.Leading.WaitAsync(token).ConfigureAwait(false);
        }
        catch (QuorumException cause)
        {
            throw new BrokerStartException(cause.Message, cause);
        }
    }

    private MetadataLog OpenMetadataLog(NodeDirectories directories)
    {
        try
        {
            MetadataLogOptions options = MetadataLogOptions.From(_config.Values, directories.Metadata.Id);
            return MetadataLog.Open(options, directories.Logs, directories.Metadata, _time, _loggers.CreateLogger<MetadataLog>());
        }
        catch (Exception cause) when (cause is FormatException or IOException or QuorumException)
        {
            throw new BrokerStartException(cause.Message, cause);
        }
    }

    private void BindListeners(
        NetworkServer network, Meter meter, ClusterView cluster, ControllerShell controller, MetadataLog metadataLog, DataHandlers data)
    {
        AdministrationHandlers administration = new(cluster, controller, metadataLog);
        HandlerTable brokers = data.AddToBroker(administration.AddToBroker(new HandlerTable(ApiListeners.Broker)));
        HandlerTable controllers = administration.AddToController(new HandlerTable(ApiListeners.Controller));
        RequestMetrics metrics = new(meter);
        foreach (HandlerTable table in (HandlerTable[])[brokers, controllers])
            table.Add<ApiVersionsRequest, ApiVersionsResponse, ApiVersionsHandler>(new ApiVersionsHandler(table, cluster, ClusterId, NodeId));
        foreach (ListenerConfig listener in _config.Listeners)
        {
            HandlerTable table = listener.IsController ? controllers : brokers;
            ListenerIdentity identity = new(listener.Name, table.Kind, listener.SecurityProtocol);
            RequestDispatcher dispatcher = new(table, identity, _time, metrics, _loggers.CreateLogger<RequestDispatcher>());
            _listeners.Add(Bind(network, listener, dispatcher));
        }
    }

    private static TcpListenerLoop Bind(NetworkServer network, ListenerConfig listener, RequestDispatcher dispatcher)
    {
        try
        {
            return network.Bind(new ListenerOptions { Name = listener.Name, Host = listener.Host, Port = listener.Port }, dispatcher);
        }
        catch (System.Net.Sockets.SocketException cause)
        {
            throw new BrokerStartException($"listeners: {listener.Name} cannot be bound to {listener.Host}:{listener.Port}: {cause.Message}", cause);
        }
    }

    private FetchSessions Sessions() => new(
        _config.Values.Int("max.incremental.fetch.session.cache.slots"), FetchSessions.EvictionMs, new Random());

    private List<NodeEndpoint> Advertised(bool isController) =>
    [
        .. _config.Listeners.Where(listener => listener.IsController == isController).Select(listener =>
            listener.Advertise(Endpoints[listener.Name].Port)),
    ];

    private void OnStop(string part, Action<bool> stop) => OnStop(part, isClean =>
    {
        stop(isClean);
        return Task.CompletedTask;
    });

    private void OnStop(string part, Func<bool, Task> stop) => _stops.Push((part, stop));

    private async Task StopPartsAsync(bool isClean)
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0)
            return;

        BrokerLog.Stopping(_logger, NodeId);
        while (_stops.TryPop(out (string Part, Func<bool, Task> Stop) stop))
        {
            try
            {
                await stop.Stop(isClean).ConfigureAwait(false);
            }
            catch (Exception cause)
            {
                // Shell loop: a part that fails to stop must not keep the others from closing their files.
                BrokerLog.StopFailed(_logger, cause, stop.Part);
            }
        }

        BrokerLog.Stopped(_logger, NodeId);
    }
}
