using System.Diagnostics;
using System.Globalization;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;
using Xunit.Abstractions;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>
/// Three processes of ours, each in a network of its own, while links between them lose everything without a word. PARTITION_SECONDS makes
/// the longest cut longer.
/// </summary>
public sealed class NetworkPartitionTests(ITestOutputHelper output)
{
    [NodeNetworkFact]
    public async Task The_majority_goes_on_without_a_leader_that_is_cut_off_and_nothing_acknowledged_is_lost()
    {
        using var network = new NodeNetwork(3);
        await using var cluster = await StartAsync(network);
        await using var load = new AdminLoad(cluster.Addresses);
        await load.MoreAsync(50);
        await CutOffAsync("cut off both ways", static (network, leader, other) => network.CutBoth(leader, other));
        await CutOffAsync("is not heard", static (network, leader, other) => network.Cut(leader, other));
        await CutOffAsync("hears nobody", static (network, leader, other) => network.Cut(other, leader));
        await load.StopAsync();
        await load.CheckAsync(cluster.Addresses);

        async Task CutOffAsync(string what, Action<NodeNetwork, int, int> cut)
        {
            var (leader, epoch) = await cluster.ActiveControllerAsync(1);
            int[] majority = [.. Enumerable.Range(1, 3).Where(id => id != leader)];
            var clock = Stopwatch.StartNew();
            foreach (var other in majority) cut(network, leader, other);
            await cluster.CreateAsync(majority[0], $"without-{epoch}");
            var createdMs = clock.ElapsedMilliseconds;
            var next = await cluster.ActiveControllerAsync(majority[1]);
            Assert.Contains(next.Id, majority);
            Assert.True(next.Epoch > epoch);
            await Eventually.HoldsAsync(async () => !await LeadsAsync(cluster, leader), $"the leader that {what} still leads");
            var resignedMs = clock.ElapsedMilliseconds;
            network.Heal();
            clock.Restart();
            await cluster.CreateAsync(leader, $"healed-{epoch}");
            await load.MoreAsync(30);
            output.WriteLine($"a leader that {what}: the next accepts after {createdMs} ms, it has resigned after {resignedMs} ms; {clock.ElapsedMilliseconds} ms after the cut is mended all serve");
        }
    }

    [NodeNetworkFact]
    public async Task A_follower_that_cannot_reach_the_leader_does_not_disturb_it()
    {
        using var network = new NodeNetwork(3);
        await using var cluster = await StartAsync(network);
        await using var load = new AdminLoad(cluster.Addresses);
        await load.MoreAsync(50);
        var (leader, epoch) = await cluster.ActiveControllerAsync(1);
        var (follower, other) = (leader % 3 + 1, (leader + 1) % 3 + 1);

        // It hears the other follower, which hears the leader: no two nodes see the same majority.
        network.CutBoth(leader, follower);
        await Task.Delay(TimeSpan.FromSeconds(5));
        await cluster.CreateAsync(other, "chain");
        network.CutBoth(other, follower);
        await Task.Delay(TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("PARTITION_SECONDS") ?? "3", CultureInfo.InvariantCulture)));
        await cluster.CreateAsync(leader, "alone");
        network.Heal();
        var clock = Stopwatch.StartNew();
        await cluster.CreateAsync(follower, "back");
        output.WriteLine($"{clock.ElapsedMilliseconds} ms after the cut is mended the follower's broker serves administrators");
        await load.MoreAsync(30);

        await load.StopAsync();
        await load.CheckAsync(cluster.Addresses);
        Assert.Equal((leader, epoch), await cluster.ActiveControllerAsync(follower));
    }

    private static Task<NodeCluster> StartAsync(NodeNetwork network) => NodeCluster.StartAsync(
        [.. Enumerable.Range(1, 3).Select(id => NodeCluster.Ours() with { Host = network.Host(id), Launcher = network.Launcher(id) })]);

    private static async Task<bool> LeadsAsync(NodeCluster cluster, int controller)
    {
        var (host, port) = cluster.ControllerAddress(controller);
        using var connection = await AdminConnection.TryOpenAsync(host, port);
        return connection is not null && (await connection.LeaderAsync()).Id == controller;
    }
}
