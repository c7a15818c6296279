namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>One broker for all tests that only need some broker; each of them uses topics of its own.</summary>
public sealed class RunningBroker : IAsyncLifetime
{
    private readonly BrokerNode _node = new();
    private BrokerProcess? _process;
    private int _topics;

    public string Bootstrap => _node.Bootstrap;

    internal string BootstrapController => $"localhost:{_node.ControllerPort}";

    internal BrokerNode Node => _node;

    public string NewTopicName(string subject) => $"{subject}-{Interlocked.Increment(ref _topics)}";

    public async Task InitializeAsync() => _process = await _node.FormatAndStartAsync();

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync();
            await _process.DisposeAsync();
        }

        _node.Dispose();
    }
}

/// <summary>Serial: two cores are shared by the broker, its clients and the JVMs of the tools.</summary>
[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<RunningBroker>
{
    public const string Name = "one running broker";
}
