namespace KafkaCompatBroker.Raft.Tests;

public sealed class ReadyTests
{
    private static readonly ReplicaKey Local = new(1, new DirectoryId(7, 1));

    [Fact]
    public void What_is_proposed_while_a_sync_is_under_way_is_not_committed_by_it()
    {
        var node = StartAlone();
        node.Propose(1, new byte[1]);
        var ready = node.TakeReady();
        node.Propose(4, new byte[1]);
        node.Advance(ready, 0);
        Assert.Equal(2, node.HighWatermark);
        Assert.Equal(6, node.EndOffset);
        Carry(node);
        Assert.Equal(6, node.HighWatermark);
    }

    [Fact]
    public void Proposals_that_wait_are_written_together()
    {
        var node = StartAlone();
        for (var i = 0; i < 100; i++) node.Propose(1, new byte[1]);
        Assert.Equal(100, node.TakeReady().Entries.Count);
    }

    [Fact]
    public void Nothing_is_given_out_before_the_last_is_carried_out()
    {
        var node = StartAlone();
        node.Propose(1, new byte[1]);
        var ready = node.TakeReady();
        Assert.False(node.HasReady);
        Assert.Throws<InvalidOperationException>(node.TakeReady);
        node.Advance(ready, 0);
        Assert.Throws<InvalidOperationException>(() => node.Advance(ready, 0));
    }

    [Fact]
    public void A_sole_voter_has_nothing_to_wait_for()
    {
        var node = StartAlone();
        Assert.False(node.HasReady);
        Assert.Equal(long.MaxValue, node.DeadlineMs);
    }

    [Fact]
    public void Voters_of_the_bootstrap_snapshot_are_recorded_in_the_first_epoch_only()
    {
        var voters = new VoterSet([new Voter(Local, [new VoterEndpoint("CONTROLLER", "localhost", 9093)], 0, 1)]);
        var disk = new RaftLogState(0, 0, [], default(LogPosition), default(LogPosition), [(-1, voters)]);
        var node = new RaftNode(new RaftOptions(Local), disk, null, VoterSet.Empty, new Random(1), 0);
        var first = node.TakeReady();
        var entry = Assert.Single(first.Entries);
        Assert.Equal(3, entry.RecordCount);
        Assert.Same(voters, Assert.IsType<LeaderChange>(entry.Control).BootstrapVoters);
        Assert.True(node.AreVotersRecorded);

        var later = new RaftLogState(0, 3, [new EpochStart(1, 0)], default(LogPosition), default(LogPosition), [(-1, voters), (2, voters)]);
        var again = new RaftNode(new RaftOptions(Local), later, first.QuorumState, VoterSet.Empty, new Random(1), 0);
        entry = Assert.Single(again.TakeReady().Entries);
        Assert.Equal((1, 2), (entry.RecordCount, entry.Epoch));
    }

    [Fact]
    public void A_replica_on_another_disk_is_not_the_voter()
    {
        var voters = new VoterSet([new Voter(Local, [], 0, 1)]);
        var disk = new RaftLogState(0, 0, [], default(LogPosition), default(LogPosition), [(-1, voters)]);
        var node = new RaftNode(new RaftOptions(Local with { DirectoryId = new DirectoryId(7, 2) }), disk, null, VoterSet.Empty, new Random(1), 0);
        node.Tick(1_000_000);
        Assert.Equal(RoleKind.Unattached, node.Role);
        Assert.Null(node.Propose(1, new byte[1]));
    }

    [Fact]
    public void Snapshots_move_the_start_of_the_log_and_keep_the_epochs()
    {
        var node = StartAlone();
        node.Propose(9, new byte[1]);
        Carry(node);
        var (id, voters) = node.SnapshotIdentity(5);
        Assert.Equal(new LogPosition(5, 1), id);
        Assert.Null(voters);
        node.SnapshotTaken(id);
        node.LogStartRaised(id);
        Assert.Throws<ArgumentOutOfRangeException>(() => node.SnapshotIdentity(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => node.SnapshotIdentity(11));
        node.SnapshotTaken(new LogPosition(4, 1));
        Assert.Throws<InvalidOperationException>(() => node.SnapshotTaken(new LogPosition(11, 1)));
    }

    [Fact]
    public void A_log_without_its_beginning_is_refused()
    {
        var voters = new VoterSet([new Voter(Local, [], 0, 1)]);
        var disk = new RaftLogState(10, 20, [new EpochStart(1, 10)], null, null, []);
        Assert.Throws<InvalidOperationException>(() => new RaftNode(new RaftOptions(Local), disk, null, voters, new Random(1), 0));
    }

    private static RaftNode StartAlone()
    {
        var voters = new VoterSet([new Voter(new ReplicaKey(1, DirectoryId.Zero), [], 0, 0)]);
        var node = new RaftNode(new RaftOptions(Local), new RaftLogState(0, 0, [], null, null, []), null, voters, new Random(1), 0);
        Carry(node);
        Assert.Equal(1, node.HighWatermark);
        return node;
    }

    private static void Carry(RaftNode node)
    {
        while (node.HasReady) node.Advance(node.TakeReady(), 0);
    }
}
