using KafkaCompatBroker.Compatibility.Tests.Fixtures;
using static KafkaCompatBroker.Compatibility.Tests.Fixtures.NodeCluster;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>Nodes of ours and of the real Apache Kafka in one cluster: the hardest judge of the quorum's wire protocol and records.</summary>
public sealed class MixedClusterTests
{
    [KafkaToolsFact]
    public async Task Our_broker_lives_under_controllers_of_the_real_Kafka()
    {
        await using var cluster = await StartAsync(Real("controller"), Real("controller"), Real("controller"), Ours("broker"), Real("broker"));
        await UseBothAsync(cluster, ours: 4, real: 5);
    }

    [KafkaToolsFact]
    public async Task A_broker_of_the_real_Kafka_lives_under_our_controllers()
    {
        await using var cluster = await StartAsync(Ours("controller"), Ours("controller"), Ours("controller"), Ours("broker"), Real("broker"));
        await UseBothAsync(cluster, ours: 4, real: 5);
    }

    [KafkaToolsFact]
    public async Task One_of_ours_and_two_of_the_real_Kafka_form_one_quorum()
    {
        await using var cluster = await StartAsync(Real(), Real(), Ours());
        await cluster.CreateTopicAsync("first", partitions: 6, broker: 3);
        await cluster.UseTopicAsync("first", writer: 3, reader: 1);
        Assert.Equal([1, 2, 3], (await cluster.LeadersAsync("first", broker: 3)).Distinct().Order());
        HashSet<int> led = [];
        for (int round = 0; round < 6 && !(led.Contains(3) && led.Count > 1); round++)
        {
            int leader = await cluster.LeaderAsync(broker: 3);
            led.Add(leader);
            if (round < 2 || leader == 3)
            {
                await cluster.KillAsync(leader);
                await cluster.CreateTopicAsync($"round-{round}", partitions: 3, broker: leader % 3 + 1);
                await cluster.StartAsync(leader);
            }
            else
            {
                // A survivor of the real Kafka wins by the timing of its votes; ours is the likeliest when both begin anew.
                await cluster.KillAsync(1);
                await cluster.KillAsync(2);
                await cluster.StartAsync(1);
                await cluster.StartAsync(2);
                await cluster.CreateTopicAsync($"round-{round}", partitions: 3, broker: 3);
            }
        }

        await cluster.UseTopicAsync("round-0", writer: 1, reader: 3);

        Assert.True(led.Contains(3), $"Ours never led: {string.Join(", ", led)}.");
        Assert.Contains(led, static id => id != 3);
        Assert.Equal(await cluster.TopicsAsync(1), await cluster.TopicsAsync(3));
    }

    private static async Task UseBothAsync(NodeCluster cluster, int ours, int real)
    {
        await cluster.CreateTopicAsync("by-ours", partitions: 4, broker: ours);
        await cluster.UseTopicAsync("by-ours", writer: ours, reader: real);
        Assert.Equal([ours, real], (await cluster.LeadersAsync("by-ours", real)).Distinct().Order());
        int leader = await cluster.LeaderAsync(ours);
        await cluster.KillAsync(leader);
        await cluster.CreateTopicAsync("by-real", partitions: 4, broker: real);
        await cluster.UseTopicAsync("by-real", writer: real, reader: ours);
        await cluster.StartAsync(leader);
        await cluster.StopAsync(ours);
        await cluster.StartAsync(ours);
        Assert.Equal(["by-ours", "by-real"], await cluster.TopicsAsync(ours));
        Assert.Equal([ours, real], (await cluster.LeadersAsync("by-real", ours)).Distinct().Order());
    }
}
