using System.Net;
using KafkaCompatBroker.Broker.Handlers.Configs;
using KafkaCompatBroker.Broker.Logging;
using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Broker.Tests.Metadata;

/// <summary>One node's controller and handlers over a log in memory.</summary>
internal sealed class AdministrationFixture : IMetadataLog, IQuorumView, IDisposable
{
    public const string ClusterId = "cHJvYmUtY2x1c3Rlci1pZA";

    private ulong _ids = 1000;
    private long _end;

    private AdministrationFixture(params (string Name, string Value)[] properties)
    {
        var resolver = new ConfigResolver(properties.ToDictionary(p => p.Name, p => p.Value));
        var controller = new MetadataController(new ControllerSettings(1, ClusterId, resolver), () => new Uuid(3, ++_ids));
        Shell = new ControllerShell(controller, this, Publisher, TimeProvider.System);
        Cluster = new ClusterView(1, ClusterId, resolver, Publisher, this);
        Controller = new LocalController(Shell);
        Handlers = new AdministrationHandlers(Cluster, Controller, Loggers, TimeProvider.System);
    }

    public MetadataPublisher Publisher { get; } = new();

    public ControllerShell Shell { get; }

    public LocalController Controller { get; }

    public ClusterView Cluster { get; }

    public LoggerConfigs Loggers { get; } = new(1, new LoggerLevels());

    public AdministrationHandlers Handlers { get; }

    /// <summary>Records in the order in which they were appended.</summary>
    public List<(IMessage Record, short Version)> Log { get; } = [];

    /// <summary>How many records were appended at once, and whether they had to stay together.</summary>
    public List<(int Count, bool IsAtomic)> Appends { get; } = [];

    public short KRaftVersion => 0;

    public static async Task<AdministrationFixture> StartAsync(params (string Name, string Value)[] properties)
    {
        var fixture = new AdministrationFixture(properties);
        await fixture.Shell.ActivateAsync(1, BootstrapRecords.For(FeatureCatalog.HighestMetadataVersion));
        using var registration = new ControllerRegistration(fixture.Controller, fixture.Cluster, TimeProvider.System, NullLogger.Instance);
        await fixture.Controller.RegisterControllerAsync(registration.Describe(new Uuid(4, 4), [new NodeEndpoint("CONTROLLER", "localhost", 9093, 0)]), default);
        using var lifecycle = new BrokerLifecycle(fixture.Controller, fixture.Cluster, TimeProvider.System, NullLogger.Instance);
        BrokerRegistrationRequest request = lifecycle.Describe(new Uuid(4, 4), null, [new NodeEndpoint("PLAINTEXT", "localhost", 9092, 0)], [new Uuid(5, 5)], -1);
        await lifecycle.RegisterAsync(request, TimeSpan.Zero, default);
        await lifecycle.UnfenceAsync(default);
        return fixture;
    }

    public static RequestContext Context(ApiKey key, short version, ApiListeners kind = ApiListeners.Broker) => new()
    {
        ApiKey = key,
        ApiVersion = version,
        CorrelationId = 1,
        ClientId = "test",
        Session = new ClientSession(CancellationToken.None),
        Listener = new ListenerIdentity(kind == ApiListeners.Controller ? "CONTROLLER" : "PLAINTEXT", kind, "PLAINTEXT"),
        ConnectionId = 1,
        RemoteAddress = new IPEndPoint(IPAddress.Loopback, 1),
        LocalAddress = new IPEndPoint(IPAddress.Loopback, 2),
        NowMs = 1_000_000,
    };

    public Task<long> AppendAsync(IReadOnlyList<(IMessage Record, short Version)> records, bool atomic, int epoch)
    {
        Log.AddRange(records);
        Appends.Add((records.Count, atomic));
        _end += records.Count;
        Shell.Committed(_end - 1, 1, [.. records.Select(one => one.Record)]);
        return Task.FromResult(_end - 1);
    }

    public Leadership Leadership => new(1, 1);

    public Task<KRaftVersionOutcome> UpgradeAsync(short kraftVersion, bool onlyCheck) => Task.FromResult(new KRaftVersionOutcome(RaftError.InvalidUpdateVersion, "static voters"));

    public QuorumDescription? Describe() => new(1, 1, 5, new VoterSet([new Voter(new ReplicaKey(1, DirectoryId.Zero), [], 0, 0)]), [], []);

    public async Task CreateAsync(string name, int partitions = 1) =>
        await Shell.ExecuteAsync((controller, _) => controller.CreateTopics(new CreateTopicsRequest
        {
            Topics = [new CreateTopicsRequest.CreatableTopic { Name = name, NumPartitions = partitions, ReplicationFactor = 1 }],
        }), default);

    public void Dispose() => Shell.Dispose();
}
