namespace KafkaCompatBroker.Network.Tests;

[Collection(MemoryCollection.Name)]
public sealed class IdleMemoryTests
{
    [Fact]
    public async Task A_thousand_idle_connections_cost_little_managed_memory()
    {
        const int Count = 1000;
        const int Rounds = 4;
        await using var server = new TestServer(TestServer.Echo, new NetworkOptions { ListenBacklog = Count });
        var clients = new List<RawClient>(Rounds * Count);
        var usedBytes = new List<long>();
        try
        {
            for (int round = 1; round <= Rounds; round++)
            {
                for (int i = 0; i < Count; i++)
                {
                    RawClient client = server.Connect();
                    clients.Add(client);
                    client.SendFrame(1);
                    client.ReadFrame();
                }

                await Wait.Until(() => server.Network.ConnectionCount == round * Count, "all are connected");
                usedBytes.Add(GC.GetTotalMemory(forceFullCollection: true));
            }

            // The median: what earlier tests left in pools is freed in one round or another.
            long[] perPair = [.. usedBytes.Zip(usedBytes.Skip(1), (before, after) => (after - before) / Count).Order()];
            // Client socket (about 0.5 KiB) included: the broker's side stays below 4 KiB, so no buffer is parked.
            Assert.InRange(perPair[1], 1, 4096);
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
