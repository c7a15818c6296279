namespace KafkaCompatBroker.Simulation.Tests;

/// <summary>Some thousand histories of whole quorums; the console runner takes any number. A failure names the command that repeats it.</summary>
public sealed class SimulationTests
{
    private const ulong Seeds = 4_000;

    [Fact]
    public void Every_history_holds_and_together_they_reach_every_situation()
    {
        var coverage = new Coverage();
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var result = Simulator.Run(seed, SimulationForm.Short);
            Assert.True(result.Violation is null, $"--seeds {seed}-{seed}: {result.Violation}");
            coverage.Add(result.Coverage);
        }
        Assert.Empty(coverage.Missed);
    }

    [Fact]
    public void Long_histories_hold()
    {
        for (ulong seed = 0; seed < 40; seed++)
        {
            var result = Simulator.Run(seed, SimulationForm.Long);
            Assert.True(result.Violation is null, $"--seeds {seed}-{seed} --long: {result.Violation}");
        }
    }

    [Fact]
    public void One_seed_gives_one_history()
    {
        var hashes = new HashSet<ulong>();
        for (ulong seed = 0; seed < 40; seed++)
        {
            var hash = Simulator.Run(seed, SimulationForm.Short).Hash;
            Assert.Equal(hash, Simulator.Run(seed, SimulationForm.Short).Hash);
            hashes.Add(hash);
        }
        Assert.Equal(40, hashes.Count);
    }
}
