using FsCheck;
using FsCheck.Fluent;

namespace KafkaCompatBroker.Coordination.Tests.Groups;

/// <summary>Random histories of a classic group; <see cref="GroupSimulation"/> checks its invariants after every event. A failure prints the seed.</summary>
public sealed class RandomGroupHistoryTests
{
    [Fact]
    public void Offsets_and_ownership_survive_any_history_and_the_group_settles() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => Survives(seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(4_000));

    private static bool Survives(int seed)
    {
        var simulation = new GroupSimulation(seed);
        for (int step = 0; step < 40; step++) simulation.Disturb();
        simulation.Settle(consumers: 3);

        int[] owned = [.. simulation.Consumers.SelectMany(consumer => consumer.Owned ?? []).Order()];
        Assert.Equal("Stable", simulation.Run.Describe("g").GroupState);
        Assert.Equal(Enumerable.Range(0, GroupSimulation.Partitions), owned);
        simulation.Crash();
        return true;
    }
}
