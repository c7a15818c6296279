using System.Globalization;
using System.Text.RegularExpressions;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>A node of a cluster: whose software it runs, and its process.roles.</summary>
internal sealed record NodePlan(bool IsReal, string Roles)
{
    /// <summary>Where it listens.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Further properties.</summary>
    public IReadOnlyList<string> Properties { get; init; } = [];

    /// <summary>Its data directory; null for one of its own.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>What its command line begins with: a program that becomes the node.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];
}

/// <summary>Several processes, ours or the real Kafka's, that form one cluster with the ids 1, 2 and so on. Killed and removed when disposed.</summary>
internal sealed partial class NodeCluster : IAsyncDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly NodePlan[] _plans;
    private readonly int[] _ports;
    private readonly int[] _controllerPorts;
    private readonly Dictionary<int, BrokerProcess> _running = [];

    private NodeCluster(NodePlan[] plans)
    {
        _plans = plans;
        _ports = [.. plans.Select(static _ => Ports.Next())];
        _controllerPorts = [.. plans.Select(static _ => Ports.Next())];
    }

    public static NodePlan Ours(string roles = "broker,controller") => new(false, roles);

    public static NodePlan Real(string roles = "broker,controller") => new(true, roles);

    /// <summary>Formats and starts all nodes.</summary>
    public static async Task<NodeCluster> StartAsync(params NodePlan[] plans)
    {
        NodeCluster cluster = new(plans);
        try
        {
            for (int id = 1; id <= plans.Length; id++) await cluster.FormatAsync(id);
            await cluster.StartAllAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public string Bootstrap(int id) => $"{_plans[id - 1].Host}:{_ports[id - 1]}";

    /// <summary>Where a broker listens for clients.</summary>
    public (string Host, int Port) Address(int id) => (_plans[id - 1].Host, _ports[id - 1]);

    /// <summary>Where a controller listens.</summary>
    public (string Host, int Port) ControllerAddress(int id) => (_plans[id - 1].Host, _controllerPorts[id - 1]);

    /// <summary>Where all brokers listen for clients.</summary>
    public IEnumerable<(string Host, int Port)> Addresses => Enumerable.Range(1, _plans.Length).Select(Address);

    /// <summary>Where a node keeps its logs.</summary>
    public string DataDirectory(int id) => _plans[id - 1].DataDirectory ?? _scratch[$"data-{id}"];

    public BrokerProcess Node(int id) => _running[id];

    /// <summary>The end of what the running nodes have logged.</summary>
    public string LastWords => string.Join('\n', _running.Select(static node => $"-- node {node.Key}\n{string.Join('\n', node.Value.Output.TakeLast(20))}"));

    public async Task StartAllAsync()
    {
        var starting = Enumerable.Range(1, _plans.Length).Select(async id => (Id: id, Process: await LaunchAsync(id))).ToArray();
        foreach (var start in starting)
        {
            var (id, process) = await start;
            _running[id] = process;
        }
    }

    public async Task StartAsync(int id) => _running[id] = await LaunchAsync(id);

    /// <summary>Power loss for one process.</summary>
    public async Task KillAsync(int id)
    {
        await _running[id].DisposeAsync();
        _running.Remove(id);
    }

    public async Task StopAsync(int id)
    {
        await _running[id].StopAsync();
        _running.Remove(id);
    }

    /// <summary>The active controller, as a broker says.</summary>
    public async Task<int> LeaderAsync(int broker)
    {
        var status = await KafkaTools.RunAsync("kafka-metadata-quorum", "--bootstrap-server", Bootstrap(broker), "describe", "--status");
        return int.Parse(LeaderLine().Match(status.Output).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>The active controller and its epoch, as one broker says over the wire; asked again until there is one.</summary>
    public async Task<(int Id, int Epoch)> ActiveControllerAsync(int broker)
    {
        var (host, port) = Address(broker);
        (int Id, int Epoch) leader = (-1, -1);
        await Eventually.HoldsAsync(
            async () =>
            {
                using var connection = await AdminConnection.TryOpenAsync(host, port);
                if (connection is not null) leader = await connection.LeaderAsync();
                return leader.Id > 0;
            },
            $"broker {broker} does not know an active controller");
        return leader;
    }

    /// <summary>Has a topic created over the wire by way of one broker, asking with new names until it is.</summary>
    public Task CreateAsync(int broker, string topic)
    {
        var (host, port) = Address(broker);
        var attempt = 0;
        return Eventually.HoldsAsync(
            async () =>
            {
                using var connection = await AdminConnection.TryOpenAsync(host, port);
                return connection is not null && await connection.CreateAsync($"{topic}-{attempt++}", new TopicState(1, "1000")) == KafkaCompatBroker.Protocol.Messages.ErrorCode.None;
            },
            $"broker {broker} does not get {topic} created");
    }

    /// <summary>Waits until one broker sees exactly these brokers serve.</summary>
    public Task SeesAsync(int broker, params int[] brokers)
    {
        var (host, port) = Address(broker);
        return Eventually.HoldsAsync(
            async () =>
            {
                using var connection = await AdminConnection.TryOpenAsync(host, port);
                return connection is not null && (await connection.BrokersAsync()).SequenceEqual(brokers);
            },
            $"broker {broker} does not see {string.Join(", ", brokers)} serve");
    }

    /// <summary>Creates a topic by way of one broker.</summary>
    public Task CreateTopicAsync(string topic, int partitions, int broker) => KafkaTools.RunAsync(
        "kafka-topics", "--bootstrap-server", Bootstrap(broker), "--create", "--topic", topic, "--partitions", $"{partitions}", "--replication-factor", "1");

    /// <summary>Writes records by way of one broker and finds them by way of another.</summary>
    public async Task UseTopicAsync(string topic, int writer, int reader)
    {
        await KafkaTools.RunWithInputAsync(
            "kafka-console-producer", string.Concat(Enumerable.Range(0, 20).Select(static n => $"value {n}\n")),
            "--bootstrap-server", Bootstrap(writer), "--topic", topic, "--batch-size", "1");
        var read = await KafkaTools.RunAsync(
            "kafka-get-offsets", "--bootstrap-server", Bootstrap(reader), "--topic", topic);
        Assert.Equal(20, read.Lines.Sum(static line => int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture)));
    }

    /// <summary>The brokers that lead a topic's partitions, as one broker says.</summary>
    public async Task<IReadOnlyList<int>> LeadersAsync(string topic, int broker)
    {
        var described = await KafkaTools.RunAsync("kafka-topics", "--bootstrap-server", Bootstrap(broker), "--describe", "--topic", topic);
        return [.. PartitionLeader().Matches(described.Output).Select(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
    }

    public async Task<IReadOnlyList<string>> TopicsAsync(int broker) =>
        (await KafkaTools.RunAsync("kafka-topics", "--bootstrap-server", Bootstrap(broker), "--list", "--exclude-internal")).Lines;

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _running.Values) await process.DisposeAsync();
        _scratch.Dispose();
    }

    [GeneratedRegex(@"LeaderId:\s+(\d+)")]
    private static partial Regex LeaderLine();

    [GeneratedRegex(@"\tLeader: (-?\d+)\t")]
    private static partial Regex PartitionLeader();

    private static string Home(NodePlan plan) => plan.IsReal ? Requirements.KafkaHome! : Requirements.BrokerHome;

    private async Task FormatAsync(int id)
    {
        var plan = _plans[id - 1];
        _scratch.Write($"{id}.properties", string.Join('\n', Properties(id, plan)) + "\n");
        (await CommandResult.RunAsync(
            BrokerNode.Script("kafka-storage.sh", Home(plan)), ["format", "-t", BrokerNode.ClusterId, "-c", _scratch[$"{id}.properties"]],
            environment: new Dictionary<string, string> { ["KAFKA_RELEASE"] = "4.4" })).Succeeded();
    }

    private Task<BrokerProcess> LaunchAsync(int id)
    {
        string[] command = [.. _plans[id - 1].Launcher, BrokerNode.Script("kafka-server-start.sh", Home(_plans[id - 1])), _scratch[$"{id}.properties"]];
        return BrokerProcess.StartAsync(command[0], command[1..]);
    }

    private IEnumerable<string> Properties(int id, NodePlan plan)
    {
        List<string> listeners = [];
        if (plan.Roles.Contains("broker", StringComparison.Ordinal)) listeners.Add($"PLAINTEXT://{plan.Host}:{_ports[id - 1]}");
        if (plan.Roles.Contains("controller", StringComparison.Ordinal)) listeners.Add($"CONTROLLER://{plan.Host}:{_controllerPorts[id - 1]}");
        var voters = Enumerable.Range(1, _plans.Length).Where(other => _plans[other - 1].Roles.Contains("controller", StringComparison.Ordinal))
            .Select(other => $"{other}@{_plans[other - 1].Host}:{_controllerPorts[other - 1]}");
        return
        [
            $"process.roles={plan.Roles}",
            $"node.id={id}",
            $"controller.quorum.voters={string.Join(',', voters)}",
            $"listeners={string.Join(',', listeners)}",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names=CONTROLLER",
            $"log.dirs={DataDirectory(id)}",
            "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "group.initial.rebalance.delay.ms=0",
            .. plan.Properties,
        ];
    }
}
