using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>A node that stops to run, as in a long pause of its machine, and comes back as if no time had passed.</summary>
public sealed class PausedNodeTests
{
    private const int Stop = 19;
    private const int Continue = 18;

    [BrokerExecutableFact]
    public async Task An_active_controller_that_was_paused_accepts_nothing_any_more_and_its_broker_serves_again()
    {
        var plan = NodeCluster.Ours() with { Properties = ["broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=300"] };
        await using var cluster = await NodeCluster.StartAsync(plan, plan, plan);
        await using var load = new AdminLoad(cluster.Addresses);
        await load.MoreAsync(50);
        var (leader, epoch) = await cluster.ActiveControllerAsync(1);
        int[] others = [.. Enumerable.Range(1, 3).Where(id => id != leader)];

        cluster.Node(leader).Signal(Stop);
        await cluster.CreateAsync(others[0], "meanwhile");
        await cluster.SeesAsync(others[1], others);
        cluster.Node(leader).Signal(Continue);

        await cluster.CreateAsync(leader, "back");
        await cluster.SeesAsync(leader, 1, 2, 3);
        await load.MoreAsync(50);
        await load.StopAsync();
        await load.CheckAsync(cluster.Addresses);
        var next = await cluster.ActiveControllerAsync(leader);
        Assert.True(next.Epoch > epoch);
    }
}
