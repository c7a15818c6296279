using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KafkaCompatBroker.Broker.Formatting;

namespace KafkaCompatBroker.Testing;

/// <summary>A controller and brokers as separate nodes in this process. Removed when disposed.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private const int ControllerId = 100;

    private readonly List<TestBroker> _brokers = [];

    private TestCluster(TestBroker controller) => Controller = controller;

    public TestBroker Controller { get; }

    public int ControllerPort => Controller.Server.Endpoints["CONTROLLER"].Port;

    /// <summary>Brokers with the ids 1, 2 and so on.</summary>
    public IReadOnlyList<TestBroker> Brokers => _brokers;

    public static async Task<TestCluster> StartAsync(int brokers, Dictionary<string, string>? properties = null)
    {
        string clusterId = RandomId.Next().ToString();
        TestCluster cluster = new(await TestBroker.StartAsync(
            new Dictionary<string, string>(properties ?? [])
            {
                ["process.roles"] = "controller",
                ["node.id"] = ControllerId.ToString(CultureInfo.InvariantCulture),
                ["listeners"] = $"CONTROLLER://127.0.0.1:{FreePort()}",
            },
            clusterId: clusterId));
        for (int id = 1; id <= brokers; id++)
        {
            cluster._brokers.Add(await TestBroker.StartAsync(
                new Dictionary<string, string>(properties ?? [])
                {
                    ["process.roles"] = "broker",
                    ["node.id"] = id.ToString(CultureInfo.InvariantCulture),
                    ["listeners"] = "PLAINTEXT://127.0.0.1:0",
                    ["controller.quorum.bootstrap.servers"] = $"127.0.0.1:{cluster.ControllerPort}",
                },
                clusterId: clusterId));
        }

        return cluster;
    }

    /// <summary>A port that was free a moment ago: others look for a node that restarts where it was.</summary>
    internal static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestBroker broker in _brokers)
            await broker.DisposeAsync();
        await Controller.DisposeAsync();
    }
}
