using System.Diagnostics;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>
/// How long a group of many members takes to form when all join at once, and to take in one more while the others look for a rebalance every
/// 50 ms. The group's own initial delay (group.initial.rebalance.delay.ms) is for whoever starts the broker to set.
/// </summary>
internal static class RebalanceLoad
{
    public static LoadResult Run(LoadOptions options)
    {
        int count = options.Members;
        using (var client = new WireClient(options.Bootstrap)) Coordinators.Find(client, options.GroupName, Coordinators.Group);
        GroupMember[] members = [.. Enumerable.Range(0, count).Select(_ => new GroupMember(options, options.GroupName))];
        var exchange = new GroupExchange(members);

        double cpu = options.BrokerPid is { } pid ? ProcessCpu.Ms(pid) : 0;
        long start = Stopwatch.GetTimestamp();
        exchange.Start();
        exchange.AwaitGenerationOf(count);
        double formedMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        start = Stopwatch.GetTimestamp();
        using var newcomer = new GroupMember(options, options.GroupName);
        exchange.Add(newcomer);
        exchange.AwaitGenerationOf(count + 1);
        double grownMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        cpu = options.BrokerPid is { } again ? ProcessCpu.Ms(again) - cpu : 0;

        exchange.Stop();
        foreach (GroupMember member in members) member.Dispose();
        var result = new LoadResult { Requests = count, BrokerCpuMs = cpu, Errors = exchange.Errors, FirstError = exchange.FirstError };
        result.Extra["formedMs"] = formedMs;
        result.Extra["grownMs"] = grownMs;
        return result;
    }
}
