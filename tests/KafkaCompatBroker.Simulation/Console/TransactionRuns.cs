using System.Globalization;
using KafkaCompatBroker.Simulation.Transactions;

namespace KafkaCompatBroker.Simulation.Console;

/// <summary>Histories of transactions, one after the other.</summary>
internal static class TransactionRuns
{
    /// <returns>How many histories broke something.</returns>
    public static int Run(RunOptions options)
    {
        SeededBug bug = options.Bug ?? SeededBug.None;
        (long steps, long committed) = (0, 0);
        RunTally tally = new();
        for (ulong seed = options.First; seed <= options.Last && tally.GoesOn; seed++)
        {
            SimulatedCluster cluster = new((int)seed, bug);
            string? problem = cluster.Play();
            steps += cluster.Run.Steps;
            committed += cluster.Transactions.Count(static transaction => transaction.Outcome == true);
            tally.Add(problem, $"transactions --seeds {seed}-{seed}{(bug == SeededBug.None ? "" : $" --bug {bug}")}");
        }

        tally.Report(
            "histories",
            $"{SimulatedCluster.Acts} acts each, {steps} steps of the coordinator, {committed} transactions committed",
            string.Create(CultureInfo.InvariantCulture, $"{steps / RunTally.Seconds:0} steps/s"));
        return tally.Violations;
    }
}
