using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Simulation.Cluster;

namespace KafkaCompatBroker.Simulation.Invariants;

/// <summary>
/// What one node published as committed is the same on every node that publishes it, is on the synced disks of a majority when it is
/// published, and stays there through whatever disks lose later. A node's high watermark does not go back.
/// </summary>
internal sealed class CommittedNeverLost(History history) : Invariant(history)
{
    private bool _hasBegun;

    public override void Started(SimulatedNode node)
    {
        if (_hasBegun) return;
        _hasBegun = true;
        Committed.Begin(History.Nodes[0].Disk.BootstrapVoters);
    }

    public override void Publishing(SimulatedNode node, long highWatermark)
    {
        Check(highWatermark >= node.PublishedHighWatermark, $"The high watermark of {node.Id} goes from {node.PublishedHighWatermark} back to {highWatermark}.");
        var offset = Math.Max(node.PublishedHighWatermark, node.Disk.Start.Offset);
        var isNews = highWatermark > Committed.EndOffset;
        while (offset < highWatermark)
        {
            var found = node.Disk.Read(offset, 1);
            Check(found.Count == 1 && found[0].NextOffset <= highWatermark, $"Node {node.Id} publishes {highWatermark}, which is not the end of a batch of its log.");
            var entry = found[0];
            if (entry.BaseOffset == Committed.EndOffset) Committed.Add(entry);
            else Check(Committed.At(entry.BaseOffset) is { } committed && CommittedLog.IsSame(committed, entry), $"Node {node.Id} publishes {entry.BaseOffset}@{entry.Epoch}, committed is {Committed.At(entry.BaseOffset)}.");
            offset = entry.NextOffset;
        }
        Committed.PublishedEpoch = Math.Max(Committed.PublishedEpoch, node.Raft!.Epoch);
        // A disk that was wiped since it acknowledged is missed, but nobody can be elected in its name.
        if (isNews) CheckSets((voters, holders) => holders + Wiped(voters) >= voters.Majority && IsElectionSafe(voters, holders), node, "published");
    }

    public override void Lost(SimulatedNode node) => CheckSets(IsElectionSafe, node, "lost something of its disk");

    /// <summary>Whether no majority of the replicas that are left lacks the end. A wiped one cannot vote as the one it was.</summary>
    private bool IsElectionSafe(VoterSet voters, int holders) => voters.Count - Wiped(voters) - holders < voters.Majority;

    private int Wiped(VoterSet voters) => voters.Voters.Count(voter => !History.Nodes.Any(node => voter.Key.Covers(node.Key)));

    private void CheckSets(Func<VoterSet, int, bool> isEnough, SimulatedNode when, string what)
    {
        if (Committed.EndOffset == 0) return;
        var voters = Committed.Voters ?? History.Nodes[0].StaticVoters;
        if (isEnough(voters, Holders(voters))) return;
        // A change under way: its majority overlaps with the committed set's.
        foreach (var node in History.Nodes)
            if (node.Disk.LatestVoters is { } latest && latest.Offset > Committed.VotersOffset && isEnough(latest.Voters, Holders(latest.Voters))) return;
        Check(false, $"Committed {Committed.End} is not on the disks of a majority of {voters} when node {when.Id} {what}.");
    }

    private int Holders(VoterSet voters)
    {
        var holders = 0;
        foreach (var node in History.Nodes)
            if (voters.Contains(node.Key) && node.Disk.Keeps(Committed.End)) holders++;
        return holders;
    }
}
