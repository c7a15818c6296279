using System.Globalization;
using KafkaCompatBroker.Simulation.Groups;

namespace KafkaCompatBroker.Simulation.Console;

/// <summary>Histories of groups, one after the other.</summary>
internal static class GroupRuns
{
    /// <returns>How many histories broke something.</returns>
    public static int Run(RunOptions options)
    {
        Action<string>? tell = options.IsVerbose ? System.Console.WriteLine : null;
        (long acts, long steps, long records, long virtualMs) = (0, 0, 0, 0);
        (long upgrades, long downgrades) = (0, 0);
        RunTally tally = new();
        for (ulong seed = options.First; seed <= options.Last && tally.GoesOn; seed++)
        {
            GroupProtocol protocol = options.Protocol ?? GroupSimulator.ProtocolOf(seed);
            GroupResult result = GroupSimulator.Run(seed, protocol, tell);
            (acts, steps, records, virtualMs) = (acts + result.Acts, steps + result.Steps, records + result.Records, virtualMs + result.VirtualMs);
            (upgrades, downgrades) = (upgrades + result.Upgrades, downgrades + result.Downgrades);
            tally.Add(result.Violation, $"groups --seeds {seed}-{seed}{(options.Protocol is null ? "" : $" --protocol {protocol}")}");
        }

        tally.Report(
            "histories",
            $"{acts} acts, {steps} steps of the shard, {records} records, {virtualMs / 1000} virtual s, {upgrades} upgrades, {downgrades} downgrades",
            string.Create(CultureInfo.InvariantCulture, $"{acts / RunTally.Seconds:0} acts/s, {steps / RunTally.Seconds:0} steps/s"));
        return tally.Violations;
    }
}
