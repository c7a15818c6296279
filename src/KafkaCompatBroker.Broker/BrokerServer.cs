using System.Diagnostics.Metrics;
using System.Net;
using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Broker.Handlers.Cluster;
using KafkaCompatBroker.Broker.Handlers.Configs;
using KafkaCompatBroker.Broker.Logging;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Replication;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Shares;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Coordination.Groups;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Network;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;
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
    private readonly LoggerLevels _loggerLevels = new();
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<(string Part, Func<bool, Task> Stop)> _stops = new();
    private readonly List<TcpListenerLoop> _listeners = [];
    private DelayedFetches? _delayedFetches;
    private BrokerLifecycle? _lifecycle;
    private DirectoryAssignments? _assignments;
    private CoordinatorRuntime<GroupShard>? _groups;
    private ShareServices? _shares;
    private TransactionServices? _transactions;
    private bool _areLogsOpen;
    private int _isStopped;

    private BrokerServer(BrokerConfig config, ILoggerFactory loggers, TimeProvider time)
    {
        _config = config;
        _loggers = new LeveledLoggers(loggers, _loggerLevels);
        _logger = _loggers.CreateLogger<BrokerServer>();
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
    /// <exception cref="OperationCanceledException">The token was cancelled first; everything is stopped again.</exception>
    public static async Task<BrokerServer> StartAsync(
        BrokerConfig config, ILoggerFactory loggers, TimeProvider? time = null, CancellationToken token = default)
    {
        BrokerServer server = new(config, loggers, time ?? TimeProvider.System);
        try
        {
            await server.StartAsync(token).ConfigureAwait(false);
            return server;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await server.StopPartsAsync(server._areLogsOpen).ConfigureAwait(false);
            throw;
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
        OnStop("logs", isClean => directories.Logs.Close(isClean, _lifecycle?.BrokerEpoch ?? -1));
        TimerQueue timers = new(_time);
        OnStop("timers", _ => timers.Dispose());
        MetadataPublisher publisher = new();
        QuorumEndpoints endpoints = ConfiguredControllers();
        RaftTransport transport = new(endpoints, ClusterId, NodeId, RaftTransportOptions.From(_config.Values));
        OnStop("connections to the quorum", _ => transport.Dispose());
        MetadataLog metadataLog = OpenMetadataLog(directories);
        OnStop("metadata log", isClean => metadataLog.Close(isClean));
        ClientQuotas quotas = new(_config.Values, timers, _time);
        quotas.Follow(publisher);
        ClusterView cluster = new(NodeId, ClusterId, _config.Resolver, publisher, metadataLog);

        HandlerTable brokers = new(ApiListeners.Broker);
        HandlerTable controllers = new(ApiListeners.Controller);
        ControllerShell? shell = _config.IsController ? AddController(metadataLog, cluster, publisher, endpoints, quotas, controllers) : null;
        ActiveController controller = FindController(shell, endpoints, brokers, controllers);
        AdministrationHandlers administration = new(cluster, controller, new LoggerConfigs(NodeId, _loggerLevels), _time);
        administration.AddToBroker(brokers);
        if (shell is not null) administration.AddToController(controllers, new LocalController(shell));
        PartitionHost? host = _config.IsBroker ? AddData(directories, cluster, timers, controller, brokers) : null;
        BindListeners(cluster, publisher, quotas, brokers, controllers);

        transport.OwnEndpoints =
        [
            .. Advertised(isController: true).OrderByDescending(one => one.Listener == _config.ControllerListener)
                .Select(static one => new VoterEndpoint(one.Listener, one.Host, one.Port)),
        ];
        IMetadataStateMachine machine = shell is null
            ? new MetadataFollower(publisher, endpoints)
            : new MetadataStateMachine(shell, publisher, endpoints, metadataLog.BootstrapRecords, NodeId, _logger);
        await JoinAsync(metadataLog, machine, transport, token).ConfigureAwait(false);
        Uuid incarnationId = RandomId.Next();
        if (shell is not null) StartController(shell, controller, cluster, timers, incarnationId);
        if (host is not null)
            await StartBrokerAsync(directories, timers, publisher, host, incarnationId, token).ConfigureAwait(false);
    }

    private ControllerShell AddController(
        MetadataLog metadataLog, ClusterView cluster, MetadataPublisher publisher, QuorumEndpoints endpoints, ClientQuotas quotas, HandlerTable controllers)
    {
        MetadataController pure = new(new ControllerSettings(NodeId, ClusterId, _config.Resolver), RandomId.Next);
        ControllerShell shell = new(pure, metadataLog, publisher, _time);
        new ControllerHandlers(shell, cluster, metadataLog).AddTo(controllers);
        new QuorumHandlers(shell, cluster, metadataLog, endpoints, quotas).AddTo(controllers);
        return shell;
    }

    /// <summary>The way to whichever controller is active, for this node and for its clients.</summary>
    private ActiveController FindController(ControllerShell? shell, QuorumEndpoints endpoints, HandlerTable brokers, HandlerTable controllers)
    {
        ControllerChannel lifecycle = new(endpoints, NodeId, $"broker-{NodeId}-heartbeat", _time);
        ControllerChannel requests = new(endpoints, NodeId, $"broker-{NodeId}-forwarding", _time);
        OnStop("connections to controllers", _ =>
        {
            lifecycle.Dispose();
            requests.Dispose();
        });
        TimeSpan requestTimeout = TimeSpan.FromMilliseconds(_config.Values.Int("request.timeout.ms"));
        ControllerHandlers.Forward(brokers, requests, shell is null ? null : controllers, requestTimeout);
        // Half of a session: a heartbeat that is lost leaves time for another.
        TimeSpan heartbeatTimeout = TimeSpan.FromMilliseconds(_config.Values.Int("broker.session.timeout.ms") / 2.0);
        return new ActiveController(shell is null ? null : new LocalController(shell), lifecycle, requests, heartbeatTimeout, requestTimeout);
    }

    /// <summary>Takes part in the quorum, as a voter or as one who follows.</summary>
    private async Task JoinAsync(MetadataLog metadataLog, IMetadataStateMachine machine, RaftTransport transport, CancellationToken token)
    {
        metadataLog.Start(machine, cause => _failure.TrySetResult(cause), transport);
        try
        {
            await metadataLog.Started.WaitAsync(token).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is QuorumException or FormatException)
        {
            throw new BrokerStartException(cause.Message, cause);
        }
    }

    private void StartController(ControllerShell shell, ActiveController controller, ClusterView cluster, TimerQueue timers, Uuid incarnationId)
    {
        ControllerChores chores = new(shell, timers, _config.Values, _logger);
        OnStop("chores of the controller", _ => chores.Stop());
        chores.Start();
        StartListeners(isController: true);
        ControllerRegistration registration = new(controller, cluster, _time, _logger);
        OnStop("registration of the controller", _ => registration.Dispose());
        registration.Start(incarnationId, Advertised(isController: true));
        BrokerLog.ControllerRunning(_logger, NodeId);
    }

    private PartitionHost AddData(NodeDirectories directories, ClusterView cluster, TimerQueue timers, ActiveController controller, HandlerTable brokers)
    {
        BrokerLifecycle lifecycle = new(controller, cluster, _time, _logger)
        {
            CordonedDirectories = () => directories.IdsOf(cluster.BrokerValues().List("cordoned.log.dirs")),
            Failures = new DirectoryFailures(
                directories.Logs, _config.LogDirectories, TimeSpan.FromMilliseconds(_config.Values.Long("log.dir.failure.timeout.ms")), _time, cause => _failure.TrySetResult(cause)),
        };
        _lifecycle = lifecycle;
        IsrProposals proposals = new(controller, NodeId, () => lifecycle.BrokerEpoch, _time, _logger);
        OnStop("proposals of in-sync replicas", async _ =>
        {
            await proposals.StopAsync().ConfigureAwait(false);
            proposals.Dispose();
        });
        PartitionHost host = new(_config, directories.Logs, _time, _logger)
        {
            Propose = proposals.Submit,
            Fetchers = new ReplicaFetchers(cluster, _config.InterBrokerListener, () => lifecycle.BrokerEpoch, _time, _logger),
        };
        _assignments = new DirectoryAssignments(host, directories.Logs, controller, () => lifecycle.BrokerEpoch, _time);
        ProducerIds producerIds = new(() => controller.AllocateProducerIdsAsync(
            new AllocateProducerIdsRequest { BrokerId = NodeId, BrokerEpoch = lifecycle.BrokerEpoch }, CancellationToken.None));
        _groups = new GroupCoordinator(cluster).CreateRuntime(host, timers, _time, _logger);
        CoordinatorSite site = new(cluster, host, timers, _time, _logger);
        _shares = new ShareServices(site, _config.InterBrokerListener);
        _shares.AddToBroker(brokers, _groups);
        new GroupHandlers(_groups, cluster, _shares.States).AddToBroker(brokers);
        _transactions = new TransactionServices(site, producerIds, _config.InterBrokerListener, _groups.WriteMarkerAsync);
        _transactions.AddToBroker(brokers, _groups);
        DataHandlers data = new(host, directories.Logs, cluster, timers, _transactions.Verifier, Sessions());
        _delayedFetches = data.DelayedFetches;
        data.AddToBroker(brokers);
        return host;
    }

    /// <summary>Registers the broker, opens its logs as the cluster has them then, and serves clients once it is unfenced.</summary>
    private async Task StartBrokerAsync(
        NodeDirectories directories, TimerQueue timers, MetadataPublisher publisher, PartitionHost host, Uuid incarnationId, CancellationToken token)
    {
        BrokerLifecycle lifecycle = _lifecycle!;
        BrokerRegistrationRequest registration = lifecycle.Describe(
            incarnationId, _config.Rack, Advertised(isController: false), directories.Ids, directories.PreviousEpoch);
        TimeSpan registrationTimeout = TimeSpan.FromMilliseconds(_config.Values.Int("initial.broker.registration.timeout.ms"));
        await lifecycle.RegisterAsync(registration, registrationTimeout, token).ConfigureAwait(false);
        await publisher.AppliedAsync(lifecycle.BrokerEpoch).WaitAsync(token).ConfigureAwait(false);

        BrokerLog.Recovering(_logger, NodeId);
        host.Load(publisher.Image);
        _areLogsOpen = true;
        LogKeeper keeper = new(directories.Logs, host, timers, _time);
        OnStop("log keeper", _ => keeper.Stop());
        keeper.Start();
        directories.Logs.StartCleaner(() => CleanerSettings.Of(_config.Resolver.BrokerValues(host.Image.DynamicConfigsOf(NodeId))));
        host.Follow(publisher);
        OnStop("partitions", _ => host.Stop());
        _assignments!.Follow(publisher);
        OnStop("directories of replicas", _ => _assignments.Dispose());
        OnStop("replica fetchers", _ => host.Fetchers!.StopAsync());
        LagKeeper lagKeeper = new(host, timers, _time);
        OnStop("lag keeper", _ => lagKeeper.Stop());
        lagKeeper.Start();
        _groups!.Follow(publisher);
        OnStop("groups", _ => _groups.Stop());
        _shares!.Follow(publisher);
        OnStop("share groups", _ => _shares.Stop());
        _transactions!.Follow(publisher);
        OnStop("transactions", _ => _transactions.Stop());

        TaskCompletionSource alive = new(TaskCreationOptions.RunContinuationsAsynchronously);
        publisher.Follow(
            image => CompleteIfAlive(alive, image),
            (_, after, _) => CompleteIfAlive(alive, after));
        await lifecycle.UnfenceAsync(token).ConfigureAwait(false);
        lifecycle.KeepAlive(TimeSpan.FromMilliseconds(_config.Values.Int("broker.heartbeat.interval.ms")));
        OnStop("broker's life in the cluster", async isClean =>
        {
            if (isClean && _config.Values.Boolean("controlled.shutdown.enable"))
                await lifecycle.ShutDownAsync(CancellationToken.None).ConfigureAwait(false);
            lifecycle.Dispose();
        });
        await alive.Task.WaitAsync(token).ConfigureAwait(false);
        StartListeners(isController: false);
        BrokerLog.Running(_logger, NodeId);
    }

    private void CompleteIfAlive(TaskCompletionSource alive, MetadataImage image)
    {
        if (image.IsAlive(NodeId))
            alive.TrySetResult();
    }

    private QuorumEndpoints ConfiguredControllers() => FromOperator(() => new QuorumEndpoints(
        MetadataLogOptions.VotersOf(_config.QuorumVoters), _config.QuorumBootstrapServers, _config.ControllerListener));

    private MetadataLog OpenMetadataLog(NodeDirectories directories) => FromOperator(() =>
    {
        MetadataLogOptions options = MetadataLogOptions.From(_config.Values, directories.Metadata.Id);
        return MetadataLog.Open(options, directories.Logs, directories.Metadata, _time, _loggers.CreateLogger<MetadataLog>());
    });

    private static T FromOperator<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception cause) when (cause is FormatException or IOException or QuorumException)
        {
            throw new BrokerStartException(cause.Message, cause);
        }
    }

    private void BindListeners(ClusterView cluster, MetadataPublisher publisher, ClientQuotas quotas, HandlerTable brokers, HandlerTable controllers)
    {
        Meter meter = new("KafkaCompatBroker");
        OnStop("meter", _ => meter.Dispose());
        NetworkServer network = new(_config.NetworkOptions(), _time, meter, _loggers.CreateLogger<NetworkServer>());
        OnStop("network", isClean => network.StopAsync(isClean ? DrainTime : TimeSpan.Zero));
        new ConnectionQuotas(_config, publisher, network).Start();
        RequestMetrics metrics = new(meter);
        foreach (HandlerTable table in (HandlerTable[])[brokers, controllers])
            table.Add<ApiVersionsRequest, ApiVersionsResponse, ApiVersionsHandler>(new ApiVersionsHandler(table, cluster, ClusterId, NodeId));
        foreach (ListenerConfig listener in _config.Listeners)
        {
            HandlerTable table = listener.IsController ? controllers : brokers;
            ListenerIdentity identity = new(listener.Name, table.Kind, listener.SecurityProtocol);
            RequestDispatcher dispatcher = new(table, identity, _time, metrics, quotas, _loggers.CreateLogger<RequestDispatcher>());
            _listeners.Add(Bind(network, listener, dispatcher));
        }
    }

    private void StartListeners(bool isController)
    {
        foreach (ListenerConfig listener in _config.Listeners)
        {
            if (listener.IsController == isController)
                _listeners.Find(bound => bound.Name == listener.Name)!.Start();
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
            // A part that fails to stop must not keep the others from closing their files.
            Task stopping = RunAsync(stop.Stop, isClean);
            await stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.Exception?.InnerException is { } cause) BrokerLog.StopFailed(_logger, cause, stop.Part);
        }

        BrokerLog.Stopped(_logger, NodeId);
    }

    private static async Task RunAsync(Func<bool, Task> stop, bool isClean) => await stop(isClean).ConfigureAwait(false);
}
