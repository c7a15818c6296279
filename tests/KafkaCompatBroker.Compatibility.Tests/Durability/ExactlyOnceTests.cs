using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Durability;

/// <summary>Read, process, write: whatever happens to the broker, each input record leads to exactly one output record.</summary>
public sealed class ExactlyOnceTests
{
    private const int Records = 4_000;
    private const int Kills = 4;

    [ConfluentFact]
    public async Task Copy_is_exact_although_the_broker_is_killed_again_and_again()
    {
        using var node = new BrokerNode(["transaction.state.log.num.partitions=3", "offsets.topic.num.partitions=3"]);
        await node.FormatAsync();
        var process = await node.StartAsync();
        await ConfluentClients.CreateTopicAsync(node.Bootstrap, ExactCopy.Source);
        await ConfluentClients.CreateTopicAsync(node.Bootstrap, ExactCopy.Target, partitions: 2);
        var copy = await ExactCopy.StartAsync(node.Bootstrap, Records);
        for (var kill = 1; kill <= Kills; kill++)
        {
            await copy.UntilAsync(kill * Records / (Kills + 1));
            await process.KillAsync();
            await process.DisposeAsync();
            process = await node.StartAsync();
        }

        await copy.Copying;
        Assert.Equal(Enumerable.Range(0, Records), copy.ReadCommitted().Order());
        await process.StopAsync();
        await process.DisposeAsync();
    }
}
