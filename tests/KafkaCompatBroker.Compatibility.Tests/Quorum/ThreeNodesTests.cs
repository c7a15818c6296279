using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>Three processes of ours as one cluster, seen by Apache Kafka's tools.</summary>
public sealed class ThreeNodesTests
{
    [KafkaToolsFact]
    public async Task Administrators_are_served_through_the_loss_of_each_controller()
    {
        await using var cluster = await NodeCluster.StartAsync(NodeCluster.Ours(), NodeCluster.Ours(), NodeCluster.Ours());
        await cluster.CreateTopicAsync("first", partitions: 6, broker: 1);
        await cluster.UseTopicAsync("first", writer: 1, reader: 2);
        Assert.Equal([1, 2, 3], (await cluster.LeadersAsync("first", broker: 3)).Distinct().Order());

        List<string> created = ["first"];
        for (int round = 0; round < 3; round++)
        {
            int leader = await cluster.LeaderAsync(broker: 1 + round % 3);
            await cluster.KillAsync(leader);
            await cluster.CreateTopicAsync($"round-{round}", partitions: 3, broker: leader % 3 + 1);
            created.Add($"round-{round}");
            await cluster.StartAsync(leader);
            await cluster.UseTopicAsync($"round-{round}", writer: leader, reader: leader % 3 + 1);
        }

        foreach (int id in (int[])[1, 2, 3]) await cluster.KillAsync(id);
        await cluster.StartAllAsync();
        foreach (int id in (int[])[1, 2, 3]) Assert.Equal(created, await cluster.TopicsAsync(id));
        await cluster.StopAsync(await cluster.LeaderAsync(1));
    }
}
