namespace KafkaCompatBroker.Network.Tests;

[Collection(MemoryCollection.Name)]
public sealed class IdleMemoryTests
{
    [Fact]
    public async Task A_thousand_idle_connections_cost_little_managed_memory()
    {
        const int Count = 1000;
        await using var server = new TestServer(TestServer.Echo, new NetworkOptions { ListenBacklog = Count });
        var clients = new List<RawClient>(Count);
        long before = 0;
        try
        {
            for (int i = 0; i < 2 * Count; i++)
            {
                if (i == Count) before = GC.GetTotalMemory(forceFullCollection: true);
                RawClient client = server.Connect();
                clients.Add(client);
                client.SendFrame(1);
                client.ReadFrame();
            }
            await Wait.Until(() => server.Network.ConnectionCount == 2 * Count, "all are connected");
            long perPair = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
            // Client socket (about 0.5 KiB) included: the broker's side stays below 4 KiB, so no buffer is parked.
            Assert.InRange(perPair, 0, 4096);
        }
        finally
        {
            foreach (RawClient client in clients) client.Dispose();
        }
    }
}

/// <summary>Tests that measure the process's memory run when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "measures memory";
}
