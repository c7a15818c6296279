using System.Globalization;
using System.Text.RegularExpressions;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>A node of a cluster: whose software it runs, and its process.roles.</summary>
internal sealed record NodePlan(bool IsReal, string Roles);

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

    public string Bootstrap(int id) => $"localhost:{_ports[id - 1]}";

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

    private Task<BrokerProcess> LaunchAsync(int id) =>
        BrokerProcess.StartAsync(BrokerNode.Script("kafka-server-start.sh", Home(_plans[id - 1])), [_scratch[$"{id}.properties"]]);

    private IEnumerable<string> Properties(int id, NodePlan plan)
    {
        List<string> listeners = [];
        if (plan.Roles.Contains("broker", StringComparison.Ordinal)) listeners.Add($"PLAINTEXT://localhost:{_ports[id - 1]}");
        if (plan.Roles.Contains("controller", StringComparison.Ordinal)) listeners.Add($"CONTROLLER://localhost:{_controllerPorts[id - 1]}");
        var voters = Enumerable.Range(1, _plans.Length).Where(other => _plans[other - 1].Roles.Contains("controller", StringComparison.Ordinal))
            .Select(other => $"{other}@localhost:{_controllerPorts[other - 1]}");
        return
        [
            $"process.roles={plan.Roles}",
            $"node.id={id}",
            $"controller.quorum.voters={string.Join(',', voters)}",
            $"listeners={string.Join(',', listeners)}",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names=CONTROLLER",
            $"log.dirs={_scratch[$"data-{id}"]}",
            "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "group.initial.rebalance.delay.ms=0",
        ];
    }
}
