using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Transactions.Simulation;

public sealed class SimulationTests
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
    [InlineData(SeededBug.AnswersBeforeTheLog, "loss")]
    [InlineData(SeededBug.LateMarkersCount, "torn", "aborted", "loss")]
    [InlineData(SeededBug.NobodyVerifies, "stuck")]
    [InlineData(SeededBug.OldEpochsMayWrite, "aborted", "duplicate", "torn")]
    [InlineData(SeededBug.ForgetsPrepared, "stuck")]
    internal void A_bug_breaks_its_invariant(SeededBug bug, params string[] problems)
    {
        HashSet<string> found = [];
        for (int seed = 1; seed < 120 && !found.Overlaps(problems); seed++)
        {
            if (new SimulatedCluster(seed, bug).Play() is { } problem)
                found.Add(problem[..problem.IndexOf(':', StringComparison.Ordinal)]);
        }

        Assert.True(found.Overlaps(problems), $"found only {string.Join(", ", found)}");
    }
}
