using KafkaCompatBroker.Testing;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests;

/// <summary>Tests that each have a broker of their own and a connection to it.</summary>
public abstract class OneBrokerTests : IAsyncLifetime
{
    private protected TestBroker Broker { get; private set; } = null!;

    private protected TestClient Client { get; set; } = null!;

    public async Task InitializeAsync()
    {
        Broker = await TestBroker.StartAsync();
        Client = await Broker.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Broker.DisposeAsync();
    }
}
