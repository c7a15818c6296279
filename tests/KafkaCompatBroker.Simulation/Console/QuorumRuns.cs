using System.Globalization;

namespace KafkaCompatBroker.Simulation.Console;

/// <summary>Histories of metadata quorums, one after the other.</summary>
internal static class QuorumRuns
{
    /// <returns>How many histories broke something.</returns>
    public static int Run(RunOptions options)
    {
        SimulationForm form = options.IsLong ? SimulationForm.Long : SimulationForm.Short;
        HarnessFault fault = options.Fault ?? HarnessFault.None;
        Action<string>? tell = options.IsVerbose ? System.Console.WriteLine : null;
        Coverage coverage = new();
        (long events, long virtualMs, ulong hash) = (0L, 0L, 0UL);
        RunTally tally = new();
        for (ulong seed = options.First; seed <= options.Last && tally.GoesOn; seed++)
        {
            SimulationResult result = Simulator.Run(seed, form, fault, tell);
            (events, virtualMs, hash) = (events + result.Events, virtualMs + result.VirtualMs, (hash * 31) + result.Hash);
            coverage.Add(result.Coverage);
            tally.Add(result.Violation, $"--seeds {seed}-{seed}{(options.IsLong ? " --long" : "")}{(fault == HarnessFault.None ? "" : $" --fault {fault}")}");
        }

        tally.Report("seeds", $"{events} events, {virtualMs / 1000} virtual s", string.Create(CultureInfo.InvariantCulture, $"{events / RunTally.Seconds:0} events/s; hash {hash:x16}"));
        foreach (Point point in Enum.GetValues<Point>()) System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {coverage[point],10}  {point}"));
        return tally.Violations;
    }
}
