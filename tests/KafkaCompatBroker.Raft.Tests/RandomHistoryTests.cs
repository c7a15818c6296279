using FsCheck;
using FsCheck.Fluent;

namespace KafkaCompatBroker.Raft.Tests;

/// <summary>Random histories of crashes, cuts and proposals; <see cref="SimulatedQuorum"/> checks the invariants after every event.</summary>
public sealed class RandomHistoryTests
{
    [Fact]
    public void A_sole_voter_keeps_what_it_committed_through_any_crash() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => SoleVoterSurvives(seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Three_voters_and_an_observer_agree_after_any_history() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => QuorumConverges([1, 2, 3], [9], seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void Five_voters_agree_after_any_history() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => QuorumConverges([1, 2, 3, 4, 5], [], seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    private static bool SoleVoterSurvives(int seed)
    {
        var random = new Random(seed);
        var quorum = new SimulatedQuorum([1], [], seed);
        var node = quorum.Nodes[1];
        quorum.Start(1);
        var committed = node.Node!.HighWatermark;
        for (var step = 0; step < 40; step++)
        {
            var proposals = random.Next(4);
            for (var i = 0; i < proposals; i++) node.Node!.Propose(1 + random.Next(3), new byte[] { 1 });
            if (random.Next(3) > 0) quorum.Drive(1);
            else quorum.Drive(1, crashAfter: random.Next(4));
            if (node.Node is not null && random.Next(6) == 0) quorum.Stop(1, random.Next(2) == 0);
            committed = Math.Max(committed, node.PublishedHighWatermark);
            if (node.Node is null) quorum.Start(1);
            Assert.Equal(RoleKind.Leader, node.Node!.Role);
            Assert.True(node.PublishedHighWatermark >= committed, $"Lost committed records below {committed}: the log is {node.Disk}.");
        }
        return true;
    }

    private static bool QuorumConverges(int[] voters, int[] observers, int seed)
    {
        var random = new Random(seed);
        var quorum = new SimulatedQuorum(voters, observers, seed);
        int[] all = [.. voters, .. observers];
        foreach (var id in all) quorum.Start(id);
        for (var step = 0; step < 60; step++)
        {
            Disturb(quorum, all, random);
            quorum.DelayMs = 1 + random.Next(30);
            quorum.Elapse(random.Next(1500));
        }
        quorum.Heal();
        quorum.DelayMs = 1;
        foreach (var id in all.Where(id => quorum.Nodes[id].Node is null)) quorum.Start(id);
        quorum.Elapse(60_000);
        var leader = Assert.Single(quorum.Leaders);
        Assert.True(quorum.Propose(leader.Id, 1));
        quorum.Elapse(5_000);
        Assert.Single(quorum.Nodes.Values.Select(node => node.Disk.ToString()).Distinct());
        Assert.All(quorum.Nodes.Values, node => Assert.Equal(leader.Disk.EndOffset, node.PublishedHighWatermark));
        return true;
    }

    private static void Disturb(SimulatedQuorum quorum, int[] all, Random random)
    {
        var id = all[random.Next(all.Length)];
        switch (random.Next(9))
        {
            case 0: quorum.Stop(id, random.Next(2) == 0); break;
            case 1 when quorum.Nodes[id].Node is not null: quorum.Drive(id, crashAfter: random.Next(4)); break;
            case 2: quorum.Cut(id, all[random.Next(all.Length)]); break;
            case 3: quorum.Heal(); break;
            case 4: quorum.Resign(id); break;
            case 5 or 6:
                foreach (var leader in quorum.Leaders.ToList()) quorum.Propose(leader.Id, 1 + random.Next(3));
                break;
            default:
                foreach (var down in all.Where(down => quorum.Nodes[down].Node is null).Take(2)) quorum.Start(down);
                break;
        }
    }
}
