using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Network;
using KafkaCompatBroker.Storage;

namespace KafkaCompatBroker.Broker;

/// <summary>The properties of one node, checked once before anything is started. Immutable.</summary>
public sealed record BrokerConfig
{
    private const string BrokerRole = "broker";
    private const string ControllerRole = "controller";

    private BrokerConfig(ConfigResolver resolver, ConfigValues values)
    {
        Resolver = resolver;
        Values = values;
    }

    /// <summary>All properties as given, and their effective values for every resource.</summary>
    public ConfigResolver Resolver { get; }

    /// <summary>The node's own values, without dynamic ones.</summary>
    public ConfigValues Values { get; }

    public required int NodeId { get; init; }

    public required bool IsBroker { get; init; }

    public required bool IsController { get; init; }

    public required IReadOnlyList<ListenerConfig> Listeners { get; init; }

    /// <summary>log.dirs, or log.dir</summary>
    public required IReadOnlyList<string> LogDirectories { get; init; }

    /// <summary>metadata.log.dir, or the first of log.dirs</summary>
    public required string MetadataDirectory { get; init; }

    /// <summary>controller.quorum.voters</summary>
    public IReadOnlyList<string> QuorumVoters => ConfigItems.Of(Values, "controller.quorum.voters");

    /// <summary>controller.quorum.bootstrap.servers</summary>
    public IReadOnlyList<string> QuorumBootstrapServers => ConfigItems.Of(Values, "controller.quorum.bootstrap.servers");

    /// <summary>The listener by which nodes reach controllers: the first of controller.listener.names.</summary>
    public string ControllerListener => ConfigItems.Of(Values, "controller.listener.names").FirstOrDefault("CONTROLLER");

    /// <summary>The listener by which brokers reach each other: inter.broker.listener.name, else the first that is plain text.</summary>
    public string InterBrokerListener => Values.Text("inter.broker.listener.name")
        ?? Listeners.FirstOrDefault(listener => !listener.IsController && listener.SecurityProtocol == Values.Text("security.inter.broker.protocol"))?.Name
        ?? Listeners.First(static listener => !listener.IsController).Name;

    /// <summary>broker.rack</summary>
    public string? Rack => Values.Text("broker.rack");

    /// <summary>Reads the properties of a node.</summary>
    /// <exception cref="BrokerConfigException">A property is missing, bad, or contradicts another.</exception>
    public static BrokerConfig From(IReadOnlyDictionary<string, string> properties)
    {
        Dictionary<string, string> given = new(properties, StringComparer.Ordinal);
        // KIP-1232: broker.id is the old name.
        if (!given.ContainsKey("node.id") && given.TryGetValue("broker.id", out string? brokerId))
            given["node.id"] = brokerId;
        foreach (string required in (string[])["process.roles", "node.id"])
        {
            if (!given.ContainsKey(required))
                throw new BrokerConfigException($"Missing required configuration \"{required}\" which has no default value.");
        }

        if (BrokerConfigRules.CheckStatic(given) is { Count: > 0 } problems)
            throw new BrokerConfigException(problems[0]);

        ConfigResolver resolver = new(given);
        ConfigValues values = resolver.BrokerValues(DynamicBrokerConfigs.None);
        if (BrokerConfigRules.CheckTogether(values) is { } conflict) throw new BrokerConfigException(conflict);
        (bool isBroker, bool isController) = Roles(values);
        string[] directories = Directories(values);
        BrokerConfig config = new(resolver, values)
        {
            NodeId = values.Int("node.id"),
            IsBroker = isBroker,
            IsController = isController,
            Listeners = ListenerConfig.Of(values, given, isBroker, isController),
            LogDirectories = directories,
            MetadataDirectory = values.Text("metadata.log.dir") is { Length: > 0 } own ? Path.GetFullPath(own) : directories[0],
        };
        config.RequireWhatThisBrokerCanDo();
        return config;
    }

    public NetworkOptions NetworkOptions() => NetworkOptions(DynamicBrokerConfigs.None);

    /// <summary>The limits of the network; only those of connections change while the broker runs.</summary>
    public NetworkOptions NetworkOptions(DynamicBrokerConfigs dynamic)
    {
        ConfigValues values = Resolver.BrokerValues(dynamic);
        return NetworkOptions(values) with { LimitsOfListeners = Listeners.ToDictionary(static listener => listener.Name, listener => LimitsOf(listener.Name, dynamic)) };
    }

    private NetworkOptions NetworkOptions(ConfigValues values) => new()
    {
        FrameBytesMax = Values.Int("socket.request.max.bytes"),
        ConnectionsMax = values.Int("max.connections"),
        ConnectionsPerAddressMax = values.Int("max.connections.per.ip"),
        ConnectionsPerAddressOverrides = Overrides(values, "max.connections.per.ip.overrides"),
        ConnectionsPerSecondMax = values.Int("max.connection.creation.rate"),
        IdleMsMax = Values.Long("connections.max.idle.ms"),
        ListenBacklog = Values.Int("socket.listen.backlog.size"),
        SendBufferBytes = SocketBuffer("socket.send.buffer.bytes"),
        ReceiveBufferBytes = SocketBuffer("socket.receive.buffer.bytes"),
        RequestMemoryBytesMax = Values.Long("queued.max.request.bytes") is > 0 and var limit ? limit : new NetworkOptions().RequestMemoryBytesMax,
    };

    // Kafka's default of 100 KiB would only slow down a kernel that sizes buffers by itself: without a word from the operator it does.
    private int SocketBuffer(string property) => Resolver.StaticConfigs.ContainsKey(property) ? Values.Int(property) : -1;

    public LogStoreOptions LogStoreOptions() => new()
    {
        Directories = [.. LogDirectories.Append(MetadataDirectory).Distinct(StringComparer.Ordinal)],
        RecoveryThreads = Values.Int("num.recovery.threads.per.data.dir"),
        OffsetCheckpointMs = Values.Int("log.flush.offset.checkpoint.interval.ms"),
        LogStartCheckpointMs = Values.Int("log.flush.start.offset.checkpoint.interval.ms"),
        HighWatermarkCheckpointMs = Values.Long("replica.high.watermark.checkpoint.interval.ms"),
        RetentionCheckMs = Values.Long("log.retention.check.interval.ms"),
        InitialTaskDelayMs = Values.Long("log.initial.task.delay.ms"),
    };

    private static (bool IsBroker, bool IsController) Roles(ConfigValues values)
    {
        IReadOnlyList<string> roles = ConfigItems.Of(values, "process.roles");
        bool isBroker = roles.Contains(BrokerRole);
        bool isController = roles.Contains(ControllerRole);
        return isBroker || isController
            ? (isBroker, isController)
            : throw new BrokerConfigException($"process.roles={string.Join(',', roles)}: expected {BrokerRole}, {ControllerRole} or both.");
    }

    private static string[] Directories(ConfigValues values)
    {
        IReadOnlyList<string> named = ConfigItems.Of(values, "log.dirs");
        if (named.Count == 0)
            named = ConfigItems.Of(values, "log.dir");
        return named.Count > 0
            ? [.. named.Select(Path.GetFullPath)]
            : throw new BrokerConfigException("log.dirs=: at least one log directory must be given.");
    }

    private ListenerLimits LimitsOf(string listener, DynamicBrokerConfigs dynamic)
    {
        return new ListenerLimits(Limit("max.connections"), Limit("max.connection.creation.rate"));

        // Only the listener's own value: the broker's holds for all listeners together.
        int Limit(string name) =>
            int.TryParse(Resolver.BrokerValue($"listener.name.{listener.ToLowerInvariant()}.{name}", dynamic), out int limit) ? limit : int.MaxValue;
    }

    private static Dictionary<string, int> Overrides(ConfigValues values, string key)
    {
        Dictionary<string, int> overrides = new(StringComparer.Ordinal);
        foreach (string entry in ConfigItems.Of(values, key))
        {
            int colon = entry.LastIndexOf(':');
            if (colon <= 0 || !int.TryParse(entry.AsSpan(colon + 1), out int count))
                throw new BrokerConfigException($"{key}={entry}: expected ADDRESS:COUNT.");
            overrides[entry[..colon]] = count;
        }

        return overrides;
    }

    private void RequireWhatThisBrokerCanDo()
    {
        if (!IsController && ConfigItems.Of(Values, "controller.listener.names").Count == 0)
            throw new BrokerConfigException("controller.listener.names must contain at least one value when running KRaft with just the broker role");
        if (!IsController && QuorumVoters.Count == 0 && QuorumBootstrapServers.Count == 0)
            throw new BrokerConfigException("If using process.roles, either controller.quorum.bootstrap.servers or controller.quorum.voters must be set.");
        if (IsController && QuorumVoters.Count > 0 && !QuorumVoters.Any(voter => voter.StartsWith($"{NodeId}@", StringComparison.Ordinal)))
            throw new BrokerConfigException($"If process.roles contains the 'controller' role, the node id {NodeId} must be included in the set of voters controller.quorum.voters={string.Join(',', QuorumVoters)}");
        if (IsController && !Listeners.Any(listener => listener.IsController))
            throw new BrokerConfigException("controller.listener.names: a node with the controller role needs one of these listeners in listeners.");
        if (IsBroker && !Listeners.Any(listener => !listener.IsController))
            throw new BrokerConfigException("listeners: a node with the broker role needs a listener that is not in controller.listener.names.");
        foreach (ListenerConfig listener in Listeners)
        {
            if (listener.SecurityProtocol != "PLAINTEXT")
                throw new BrokerConfigException($"listeners: {listener.Name} uses {listener.SecurityProtocol}; this build serves PLAINTEXT only.");
        }
    }
}
