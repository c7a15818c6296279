namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>A single combined node in a directory of its own: its properties file, and the processes of BROKER_HOME that serve it.</summary>
internal sealed class BrokerNode : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public BrokerNode(IEnumerable<string>? properties = null, string? dataDirectory = null, bool staticVoters = false)
    {
        DataDirectory = dataDirectory ?? _scratch["data"];
        Port = Ports.Next();
        ControllerPort = Ports.Next();
        PropertiesFile = _scratch.Write("server.properties", string.Join('\n', DefaultProperties(staticVoters).Concat(properties ?? [])) + "\n");
    }

    public static string ClusterId => "MkU3OEVBNTcwNTJENDM2Qg";

    public string DataDirectory { get; }

    public int Port { get; }

    public int ControllerPort { get; }

    public string PropertiesFile { get; }

    public string Bootstrap => $"localhost:{Port}";

    public static string Script(string name, string? home = null) => Path.Combine(home ?? Requirements.BrokerHome, "bin", name);

    public async Task FormatAsync(string? home = null)
    {
        var result = await CommandResult.RunAsync(
            Script("kafka-storage.sh", home), ["format", "-t", ClusterId, "-c", PropertiesFile, "--standalone", "--ignore-formatted"]);
        result.Succeeded();
    }

    /// <summary>Starts the node and waits until it serves.</summary>
    public Task<BrokerProcess> StartAsync(string? home = null, params string[] arguments) =>
        BrokerProcess.StartAsync(Script("kafka-server-start.sh", home), [PropertiesFile, .. arguments]);

    public async Task<BrokerProcess> FormatAndStartAsync(string? home = null)
    {
        await FormatAsync(home);
        return await StartAsync(home);
    }

    public void Dispose() => _scratch.Dispose();

    private IEnumerable<string> DefaultProperties(bool staticVoters) =>
    [
        "process.roles=broker,controller",
        "node.id=1",
        staticVoters ? $"controller.quorum.voters=1@localhost:{ControllerPort}" : $"controller.quorum.bootstrap.servers=localhost:{ControllerPort}",
        $"listeners=PLAINTEXT://localhost:{Port},CONTROLLER://localhost:{ControllerPort}",
        $"advertised.listeners=PLAINTEXT://localhost:{Port}",
        "controller.listener.names=CONTROLLER",
        $"log.dirs={DataDirectory}",
        "offsets.topic.replication.factor=1",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "share.coordinator.state.topic.replication.factor=1",
        "share.coordinator.state.topic.min.isr=1",
        "group.initial.rebalance.delay.ms=0",
    ];
}
