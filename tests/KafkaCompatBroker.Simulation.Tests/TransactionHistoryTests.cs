using KafkaCompatBroker.Simulation.Transactions;

namespace KafkaCompatBroker.Simulation.Tests;

public sealed class TransactionHistoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1_001)]
    [InlineData(2_001)]
    [InlineData(3_001)]
    public void Every_history_keeps_transactions_whole_and_partitions_moving(int firstSeed)
    {
        int committed = 0;
        for (int seed = firstSeed; seed < firstSeed + 25; seed++)
        {
            SimulatedCluster cluster = new(seed, SeededBug.None);
            Assert.True(cluster.Play() is not { } problem, $"seed {seed}: {new SimulatedCluster(seed, SeededBug.None).Play()}");
            committed += cluster.Transactions.Count(static transaction => transaction.Outcome == true);
        }

        Assert.True(committed > 200, $"only {committed} transactions committed");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_kill_of_the_coordinator_at_any_of_its_steps_breaks_nothing(bool isBehindTheLog)
    {
        const int Acts = 250;
        SimulatedCluster calm = new(7, SeededBug.None);
        Assert.Null(calm.Play(Acts));
        Assert.True(calm.Run.Steps > 100, $"only {calm.Run.Steps} steps");
        for (int step = 1; step <= calm.Run.Steps; step++)
        {
            string? problem = new SimulatedCluster(7, SeededBug.None, step, isBehindTheLog).Play(Acts);
            Assert.True(problem is null, $"killed in step {step}: {problem}");
        }
    }

    [Theory]
    [InlineData(SeededBug.AnswersBeforeTheLog, "loss")]
    [InlineData(SeededBug.ForgetsSequences, "duplicate")]
    [InlineData(SeededBug.LateMarkersCount, "aborted")]
    [InlineData(SeededBug.CompletesTooEarly, "torn")]
    [InlineData(SeededBug.OldEpochsMayWrite, "aborted")]
    [InlineData(SeededBug.NobodyVerifies, "stuck")]
    [InlineData(SeededBug.NobodyWatchesTheClock, "stuck")]
    [InlineData(SeededBug.ForgetsPrepared, "stuck")]
    internal void A_bug_breaks_its_invariant(SeededBug bug, string invariant)
    {
        HashSet<string> found = [];
        for (int seed = 1; seed < 300 && !found.Contains(invariant); seed++)
        {
            if (new SimulatedCluster(seed, bug).Play() is { } problem)
                found.Add(problem[..problem.IndexOf(':', StringComparison.Ordinal)]);
        }

        Assert.True(found.Contains(invariant), $"found only {string.Join(", ", found)}");
    }
}
