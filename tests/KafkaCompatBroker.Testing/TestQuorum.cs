using System.Globalization;
using KafkaCompatBroker.Broker.Formatting;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Testing;

/// <summary>Nodes in this process that are brokers and voters of one quorum each, with the ids 1, 2 and so on. Removed when disposed.</summary>
public sealed class TestQuorum : IAsyncDisposable
{
    private readonly List<TestBroker> _nodes = [];

    private TestQuorum(string clusterId) => ClusterId = clusterId;

    public string ClusterId { get; }

    public IReadOnlyList<TestBroker> Nodes => _nodes;

    /// <summary>Starts the nodes; every one serves when the task completes.</summary>
    /// <param name="count">How many voters.</param>
    /// <param name="isDynamic">True for voters in the log (KIP-853), false for controller.quorum.voters.</param>
    /// <param name="properties">What all nodes have besides.</param>
    /// <param name="loggers">Where the nodes log to.</param>
    public static async Task<TestQuorum> StartAsync(int count, bool isDynamic, IReadOnlyDictionary<string, string>? properties = null, ILoggerFactory? loggers = null)
    {
        TestQuorum quorum = new(RandomId.Next().ToString());
        int[] ports = [.. Enumerable.Range(0, count).Select(_ => TestCluster.FreePort())];
        string[] directories = [.. ports.Select(_ => RandomId.Next().ToString())];
        string voters = string.Join(',', ports.Select((port, index) => $"{Id(index + 1)}@127.0.0.1:{Id(port)}" + (isDynamic ? ":" + directories[index] : "")));
        for (int index = 0; index < count; index++)
        {
            Dictionary<string, string> own = new(properties ?? new Dictionary<string, string>(), StringComparer.Ordinal)
            {
                ["node.id"] = Id(index + 1),
                ["listeners"] = $"PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:{Id(ports[index])}",
                ["controller.quorum.bootstrap.servers"] = string.Join(',', ports.Select(port => $"127.0.0.1:{Id(port)}")),
            };
            if (!isDynamic)
            {
                own["controller.quorum.bootstrap.servers"] = "";
                own["controller.quorum.voters"] = voters;
            }

            quorum._nodes.Add(TestBroker.Prepare(own, loggers, quorum.ClusterId, isDynamic ? ["--initial-controllers", voters] : []));
        }

        await Task.WhenAll(quorum._nodes.Select(node => node.RunAsync()));
        return quorum;
    }

    /// <summary>Formats a further node that is told no voters and does not run yet.</summary>
    /// <param name="properties">What differs from the other nodes.</param>
    public TestBroker Prepare(IReadOnlyDictionary<string, string>? properties = null)
    {
        Dictionary<string, string> all = new(properties ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            ["node.id"] = Id(_nodes.Count + 1),
            ["listeners"] = $"PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:{Id(TestCluster.FreePort())}",
            ["controller.quorum.bootstrap.servers"] = $"127.0.0.1:{Id(_nodes[0].Server.Endpoints["CONTROLLER"].Port)}",
        };
        TestBroker node = TestBroker.Prepare(all, clusterId: ClusterId, quorum: ["--no-initial-controllers"]);
        _nodes.Add(node);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestBroker node in _nodes) await node.DisposeAsync();
    }

    private static string Id(int number) => number.ToString(CultureInfo.InvariantCulture);
}
