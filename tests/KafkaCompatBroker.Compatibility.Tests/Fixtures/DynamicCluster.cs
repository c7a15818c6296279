namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>
/// Combined nodes of ours with the ids 1 to 3, and later ones that are formatted without voters. The voters stand in the log (KIP-853), or
/// are configured. Every second node is in the same rack.
/// </summary>
internal sealed class DynamicCluster : IAsyncDisposable
{
    private const int Founders = 3;
    private const int NodesMax = 5;

    private readonly ScratchDirectory _scratch = new();
    private readonly int[] _ports = [.. Enumerable.Range(0, NodesMax).Select(static _ => Ports.Next())];
    private readonly int[] _controllerPorts = [.. Enumerable.Range(0, NodesMax).Select(static _ => Ports.Next())];
    private readonly Dictionary<int, BrokerProcess> _running = [];

    public static async Task<DynamicCluster> StartAsync(bool staticVoters = false, params string[] formatOptions)
    {
        DynamicCluster cluster = new();
        try
        {
            string[] voters = [.. Enumerable.Range(1, Founders).Select(id => $"{id}@{cluster.Controller(id)}")];
            var recorded = string.Join(',', voters.Select(static (voter, index) => $"{voter}:{DirectoryId(index + 1)}"));
            for (int id = 1; id <= Founders; id++)
            {
                await (staticVoters
                    ? cluster.FormatAsync(id, $"controller.quorum.voters={string.Join(',', voters)}", formatOptions)
                    : cluster.FormatAsync(id, cluster.BootstrapControllers, ["--initial-controllers", recorded, .. formatOptions]));
            }

            await Task.WhenAll(Enumerable.Range(1, Founders).Select(cluster.StartAsync));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The directory id of a founder whose voters stand in the log.</summary>
    public static string DirectoryId(int id) => $"{(char)('a' + id)}aaaaaaaaaaaaaaaaaaaAA";

    public string Bootstrap(int id = 1) => $"localhost:{_ports[id - 1]}";

    public string Controller(int id = 1) => $"localhost:{_controllerPorts[id - 1]}";

    public string DataDirectory(int id) => _scratch[$"data-{id}"];

    public string PropertiesFile(int id) => _scratch[$"{id}.properties"];

    public string Write(string name, string text) => _scratch.Write(name, text);

    /// <summary>Formats a node that learns of the voters from those who have them.</summary>
    public Task FormatLateNodeAsync(int id, string property = "") => FormatAsync(id, $"{BootstrapControllers}\n{property}", "--no-initial-controllers");

    public async Task StartAsync(int id)
    {
        var process = await LaunchAsync(id);
        lock (_running) _running[id] = process;
    }

    public Task<BrokerProcess> LaunchAsync(int id) => BrokerProcess.StartAsync(BrokerNode.Script("kafka-server-start.sh"), [PropertiesFile(id)]);

    public async Task StopAsync(int id)
    {
        await using var process = _running[id];
        _running.Remove(id);
        await process.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _running.Values) await process.DisposeAsync();
        _scratch.Dispose();
    }

    private string BootstrapControllers => $"controller.quorum.bootstrap.servers={string.Join(',', Enumerable.Range(1, Founders).Select(Controller))}";

    private async Task FormatAsync(int id, string quorum, params string[] options)
    {
        Write($"{id}.properties", string.Join('\n', (string[])
        [
            "process.roles=broker,controller",
            $"node.id={id}",
            quorum,
            $"listeners=PLAINTEXT://{Bootstrap(id)},CONTROLLER://{Controller(id)}",
            "controller.listener.names=CONTROLLER",
            $"broker.rack=rack-{id % 2}",
            $"log.dirs={DataDirectory(id)}",
            "offsets.topic.replication.factor=1",
        ]) + "\n");
        (await CommandResult.RunAsync(
            BrokerNode.Script("kafka-storage.sh"), ["format", "-t", BrokerNode.ClusterId, "-c", PropertiesFile(id), .. options])).Succeeded();
    }
}
