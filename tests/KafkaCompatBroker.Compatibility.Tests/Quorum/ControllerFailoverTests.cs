using System.Diagnostics;
using System.Globalization;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;
using KafkaCompatBroker.Protocol.Messages;
using Xunit.Abstractions;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>
/// Three processes of ours that lose their active controller, or all of them, while administrators are at work. CONTROLLER_KILLS and
/// CLUSTER_KILLS say how often; the few of a test run are not the proof.
/// </summary>
public sealed class ControllerFailoverTests(ITestOutputHelper output)
{
    private static readonly string[] Properties =
    [
        // Snapshots are written, and sent to a node that was away, in the middle of it.
        "metadata.log.max.record.bytes.between.snapshots=60000",
        "metadata.max.retention.bytes=200000",
        // A broker that was killed may come back when its session is over.
        "broker.session.timeout.ms=2000",
        "broker.heartbeat.interval.ms=300",
    ];

    [BrokerExecutableFact]
    public async Task Nothing_acknowledged_is_lost_with_active_controllers_that_are_killed()
    {
        await using var cluster = await StartAsync();
        await using var load = new AdminLoad(cluster.Addresses);
        await load.MoreAsync(100);
        var kills = Rounds("CONTROLLER_KILLS", 5);
        var gapsMs = new List<double>();
        for (var round = 0; round < kills; round++)
        {
            var (leader, _) = await cluster.ActiveControllerAsync(1 + round % 3);
            gapsMs.Add(await KillAsync(cluster, leader, leader % 3 + 1, $"next-{round}"));
            await load.MoreAsync(20);
            await cluster.StartAsync(leader);
            await load.MoreAsync(20);
        }
        await load.StopAsync();
        await load.CheckAsync(cluster.Addresses);
        gapsMs.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kills} kills, {load.Acknowledged} acknowledged changes; ms from kill to next CreateTopics: median {gapsMs[kills / 2]:F0}, p99 {gapsMs[kills * 99 / 100]:F0}, longest {gapsMs[^1]:F0}; {string.Join(' ', gapsMs.Select(static gap => gap.ToString("F0", CultureInfo.InvariantCulture)))}"));
    }

    [BrokerExecutableFact]
    public async Task Nothing_acknowledged_is_lost_when_all_nodes_are_killed_at_once()
    {
        await using var cluster = await StartAsync();
        await using var load = new AdminLoad(cluster.Addresses);
        var rounds = Rounds("CLUSTER_KILLS", 2);
        for (var round = 0; round < rounds; round++)
        {
            await load.MoreAsync(100);
            await Task.WhenAll(cluster.KillAsync(1), cluster.KillAsync(2), cluster.KillAsync(3));
            await cluster.StartAllAsync();
        }
        await load.MoreAsync(50);
        await load.StopAsync();
        await load.CheckAsync(cluster.Addresses);
        output.WriteLine($"{rounds} times all killed, {load.Acknowledged} acknowledged changes");
    }

    private static Task<NodeCluster> StartAsync()
    {
        var plan = NodeCluster.Ours() with { Properties = Properties };
        return NodeCluster.StartAsync(plan, plan, plan);
    }

    /// <summary>Milliseconds from the kill until a client of a broker that lives on has a topic created.</summary>
    private static async Task<double> KillAsync(NodeCluster cluster, int leader, int survivor, string topic)
    {
        var (host, port) = cluster.Address(survivor);
        var connection = await AdminConnection.TryOpenAsync(host, port);
        var clock = Stopwatch.StartNew();
        var killed = cluster.KillAsync(leader);
        for (var attempt = 0; ; attempt++)
        {
            var error = connection is null ? null : await connection.CreateAsync($"{topic}-{attempt}", new TopicState(1, "1000"));
            if (error == ErrorCode.None) break;
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"no topic a minute after the kill of {leader}: {error}\n{cluster.LastWords}");
            if (error is not null) continue;
            connection?.Dispose();
            await Task.Delay(20);
            connection = await AdminConnection.TryOpenAsync(host, port);
        }
        var gapMs = clock.Elapsed.TotalMilliseconds;
        connection!.Dispose();
        await killed;
        return gapMs;
    }

    private static int Rounds(string variable, int few) => int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{few}", CultureInfo.InvariantCulture);
}
