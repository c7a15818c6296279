using KafkaCompatBroker.Simulation.Groups;

namespace KafkaCompatBroker.Simulation.Tests;

/// <summary>Some thousand histories of groups; the console runner takes any number. A failure names the command that repeats it.</summary>
public sealed class GroupHistoryTests
{
    private const ulong Seeds = 6_000;

    [Fact]
    public void Every_history_keeps_owners_and_offsets_and_comes_to_rest()
    {
        int upgrades = 0, downgrades = 0;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            GroupResult result = GroupSimulator.Run(seed, GroupSimulator.ProtocolOf(seed));
            Assert.True(result.Violation is null, $"groups --seeds {seed}-{seed}: {result.Violation}");
            upgrades += result.Upgrades;
            downgrades += result.Downgrades;
        }

        Assert.True(upgrades > 100 && downgrades > 100, $"{upgrades} upgrades and {downgrades} downgrades say little");
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    [InlineData(GroupProtocol.Mixed)]
    public void One_seed_gives_one_history(GroupProtocol protocol)
    {
        HashSet<string> histories = [];
        for (ulong seed = 0; seed < 20; seed++)
        {
            string history = Tell(seed, protocol);
            Assert.Equal(history, Tell(seed, protocol));
            histories.Add(history);
        }

        Assert.Equal(20, histories.Count);
    }

    private static string Tell(ulong seed, GroupProtocol protocol)
    {
        List<string> lines = [];
        GroupSimulator.Run(seed, protocol, lines.Add);
        return string.Join('\n', lines);
    }
}
