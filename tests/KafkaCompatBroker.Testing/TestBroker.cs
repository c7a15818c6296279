using KafkaCompatBroker.Broker;
using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KafkaCompatBroker.Testing;

/// <summary>A single node in this process: a directory of its own, ports that the kernel chooses. Removed when disposed.</summary>
public sealed class TestBroker : IAsyncDisposable
{
    private const string ClientListener = "PLAINTEXT";

    private readonly Dictionary<string, string> _properties;
    private readonly ILoggerFactory _loggers;
    private bool _isRunning;

    private TestBroker(string directory, Dictionary<string, string> properties, ILoggerFactory loggers)
    {
        Directory = directory;
        _properties = properties;
        _loggers = loggers;
    }

    public string Directory { get; }

    public BrokerServer Server { get; private set; } = null!;

    public int Port => Server.Endpoints[ClientListener].Port;

    /// <param name="properties">What differs from a single node.</param>
    /// <param name="loggers">Where the node logs to.</param>
    /// <param name="clusterId">The cluster that it belongs to; null for one of its own.</param>
    public static async Task<TestBroker> StartAsync(
        IReadOnlyDictionary<string, string>? properties = null, ILoggerFactory? loggers = null, string? clusterId = null)
    {
        TestBroker broker = Prepare(properties, loggers, clusterId);
        await broker.RunAsync();
        return broker;
    }

    /// <summary>Formats a node that does not run yet.</summary>
    /// <param name="properties">What differs from a single node; {directory} in a value is its directory.</param>
    /// <param name="loggers">Where the node logs to.</param>
    /// <param name="clusterId">The cluster that it belongs to; null for one of its own.</param>
    /// <param name="quorum">Arguments of format about the quorum; null for what the node's roles ask for.</param>
    public static TestBroker Prepare(
        IReadOnlyDictionary<string, string>? properties = null, ILoggerFactory? loggers = null, string? clusterId = null, string[]? quorum = null)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("broker-").FullName;
        Dictionary<string, string> all = new(StringComparer.Ordinal)
        {
            ["process.roles"] = "broker,controller",
            ["node.id"] = "1",
            ["listeners"] = $"{ClientListener}://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
            ["controller.listener.names"] = "CONTROLLER",
            ["controller.quorum.bootstrap.servers"] = "127.0.0.1:0",
            ["log.dirs"] = Path.Combine(directory, "data"),
        };
        foreach ((string key, string value) in properties ?? new Dictionary<string, string>())
            all[key] = value.Replace("{directory}", directory, StringComparison.Ordinal);

        TestBroker broker = new(directory, all, loggers ?? NullLoggerFactory.Instance);
        broker.Format(clusterId ?? RandomId.Next().ToString(), quorum);
        return broker;
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(Port);

    /// <summary>Stops the node and starts it again on what it left.</summary>
    public async Task RestartAsync()
    {
        await Server.StopAsync();
        await RunAsync();
    }

    /// <summary>Creates a topic and gives its id.</summary>
    public async Task<Uuid> CreateTopicAsync(string name, int partitions = 1, params (string Name, string Value)[] configs)
    {
        using TestClient client = await ConnectAsync();
        CreateTopicsResponse response = await client.CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
            new()
            {
                TimeoutMs = 10_000,
                Topics =
                [
                    new()
                    {
                        Name = name,
                        NumPartitions = partitions,
                        ReplicationFactor = 1,
                        Configs = [.. configs.Select(config => new CreateTopicsRequest.CreatableTopicConfig { Name = config.Name, Value = config.Value })],
                    },
                ],
            },
            7);
        CreateTopicsResponse.CreatableTopicResult topic = response.Topics[0];
        return topic.ErrorCode == ErrorCode.None
            ? topic.TopicId
            : throw new InvalidOperationException($"Topic {name} was not created: {topic.ErrorCode} {topic.ErrorMessage}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_isRunning) await Server.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Format(string clusterId, string[]? quorum)
    {
        StringWriter output = new();
        StorageCommand command = new(output, output, _ => _properties, TimeProvider.System);
        quorum ??= _properties["process.roles"].Contains("controller", StringComparison.Ordinal) ? ["--standalone"] : [];
        if (command.Run(["format", .. quorum, "--cluster-id", clusterId, "--config", "node.properties"]) != 0)
            throw new InvalidOperationException(output.ToString());
    }

    /// <summary>Starts the node on what is in its directory.</summary>
    public async Task RunAsync()
    {
        Server = await BrokerServer.StartAsync(BrokerConfig.From(_properties), _loggers);
        _isRunning = true;
    }
}
