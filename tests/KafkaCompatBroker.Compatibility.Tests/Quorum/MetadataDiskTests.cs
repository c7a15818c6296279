using KafkaCompatBroker.Compatibility.Tests.Durability;
using KafkaCompatBroker.Compatibility.Tests.Fixtures;

namespace KafkaCompatBroker.Compatibility.Tests.Quorum;

/// <summary>The disk of the active controller fails: it accepts nothing that it cannot keep, and the others go on.</summary>
public sealed class MetadataDiskTests
{
    [SmallDiskFact]
    public async Task A_full_disk_ends_a_leadership_and_no_node()
    {
        using var first = new SmallDisk(megabytes: 64);
        using var second = new SmallDisk(megabytes: 64);
        using var third = new SmallDisk(megabytes: 64);
        SmallDisk[] disks = [first, second, third];
        await using var cluster = await StartAsync([.. disks.Select(static disk => Path.Combine(disk.Path, "data"))]);
        await using var load = new AdminLoad(cluster.Addresses);
        await load.MoreAsync(50);
        for (var round = 0; round < 2; round++)
        {
            var (leader, epoch) = await cluster.ActiveControllerAsync(1);
            var filler = Path.Combine(disks[leader - 1].Path, "filler");
            SmallDisk.Fill(filler);
            await Eventually.HoldsAsync(async () => (await cluster.ActiveControllerAsync(leader % 3 + 1)).Epoch > epoch, "no other controller took over");
            await cluster.CreateAsync(leader % 3 + 1, $"full-{round}");
            Assert.False(cluster.Node(leader).HasExited);
            File.Delete(filler);
            await cluster.CreateAsync(leader, $"room-{round}");
            await load.MoreAsync(30);
        }
        await load.StopAsync();
        await load.CheckAsync(cluster.Addresses);
    }

    [StraceFact]
    public async Task A_failed_sync_ends_the_node_and_what_it_could_not_keep_is_not_acknowledged()
    {
        await using var cluster = await StartAsync(null, null, null);
        await using var load = new AdminLoad(cluster.Addresses);
        await load.MoreAsync(50);
        var (leader, _) = await cluster.ActiveControllerAsync(1);
        var node = cluster.Node(leader);
        var tracing = CommandResult.RunAsync("strace", ["-f", "-q", "-p", $"{node.Id}", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"]);
        Assert.NotEqual(0, await node.WaitForExitAsync());
        await tracing;
        Assert.Contains(node.Output.Concat(node.Errors), static line => line.Contains("metadata log", StringComparison.OrdinalIgnoreCase));
        await cluster.CreateAsync(leader % 3 + 1, "others");
        await cluster.KillAsync(leader);
        await cluster.StartAsync(leader);
        await cluster.CreateAsync(leader, "again");
        await load.StopAsync();
        await load.CheckAsync(cluster.Addresses);
    }

    private static Task<NodeCluster> StartAsync(params string?[] directories) => NodeCluster.StartAsync([.. directories.Select(static directory => NodeCluster.Ours() with
    {
        DataDirectory = directory,
        Properties =
        [
            "broker.session.timeout.ms=2000",
            "broker.heartbeat.interval.ms=300",
            "log.segment.bytes=1048576",
            "log.index.size.max.bytes=4096",
        ],
    })]);
}

/// <summary>Needs our executable and strace.</summary>
internal sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute() => Skip = Requirements.NoBrokerExecutable ?? (Requirements.OnPath("strace") ? null : "strace is not installed");
}
