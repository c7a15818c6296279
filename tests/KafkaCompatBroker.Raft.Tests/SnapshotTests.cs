namespace KafkaCompatBroker.Raft.Tests;

/// <summary>Snapshots over the network (KIP-630), message by message.</summary>
public sealed class SnapshotTests
{
    private static readonly ReplicaKey Local = new(1, new DirectoryId(7, 1));
    private static readonly VoterSet Voters = new(Enumerable.Range(1, 3).Select(id => new Voter(new ReplicaKey(id, DirectoryId.Zero), [], 0, 0)));
    private static readonly LogPosition Snapshot = new(80, 4);

    private readonly List<Ready> _carried = [];

    [Fact]
    public void A_follower_below_the_log_of_its_leader_pulls_the_snapshot_and_starts_its_log_over()
    {
        var node = Follow(new LogPosition(10, 2));
        Fetched(node, answer => answer with { Snapshot = Snapshot });
        var ask = Sent<FetchSnapshotRequest>();
        Assert.Equal((Snapshot, 0L), (ask.Snapshot, ask.Position));

        Step(node, Piece(ask, 0, 60, 100));
        var chunk = Assert.Single(_carried[0].SnapshotChunks);
        Assert.Equal((Snapshot, 0L, 60, false), (chunk.Snapshot, chunk.Position, chunk.Bytes.Length, chunk.IsLast));
        ask = Sent<FetchSnapshotRequest>();
        Assert.Equal(60, ask.Position);

        Step(node, Piece(ask, 60, 40, 100));
        chunk = Assert.Single(Assert.Single(_carried).SnapshotChunks);
        Assert.Equal((60L, 40, true), (chunk.Position, chunk.Bytes.Length, chunk.IsLast));
        Assert.Empty(_carried[0].Messages);

        node.SnapshotInstalled(Snapshot, null, 100);
        Carry(node);
        Assert.Equal((Snapshot, 80L), (_carried[0].ResetTo, _carried[0].HighWatermark));
        Assert.Equal((80, 80), (node.EndOffset, node.HighWatermark));
        Assert.Equal(Snapshot, Sent<FetchRequest>().Position);
    }

    [Theory]
    [InlineData(RaftError.SnapshotNotFound, 0, 100, 100)]
    [InlineData(RaftError.None, 5, 10, 100)]
    [InlineData(RaftError.None, 0, 0, 100)]
    [InlineData(RaftError.None, 0, 101, 100)]
    [InlineData(RaftError.PositionOutOfRange, 0, 0, 0)]
    public void A_piece_that_does_not_fit_is_thrown_away_and_a_fetch_asks_what_there_is(RaftError error, long position, int length, long size)
    {
        var node = Follow(new LogPosition(10, 2));
        Fetched(node, answer => answer with { Snapshot = Snapshot });
        Step(node, Piece(Sent<FetchSnapshotRequest>(), position, length, size) with { Error = error });
        Assert.DoesNotContain(_carried, ready => ready.SnapshotChunks.Count > 0);
        if (error != RaftError.SnapshotNotFound) Tick(node, 50);
        Assert.Equal(10, Sent<FetchRequest>().Position.Offset);
    }

    [Fact]
    public void A_damaged_snapshot_is_pulled_again_from_its_beginning()
    {
        var node = Follow(new LogPosition(10, 2));
        Fetched(node, answer => answer with { Snapshot = Snapshot });
        Step(node, Piece(Sent<FetchSnapshotRequest>(), 0, 100, 100));
        node.SnapshotRefused(0);
        Tick(node, 50);
        Step(node, Answer(Sent<FetchRequest>()) with { Snapshot = Snapshot });
        Assert.Equal((0L, 10L), (Sent<FetchSnapshotRequest>().Position, node.EndOffset));
    }

    [Theory]
    [InlineData(9, 5)]
    [InlineData(10, 2)]
    [InlineData(90, 1)]
    public void A_snapshot_that_would_take_records_away_is_not_asked_for(long offset, int epoch)
    {
        var node = Follow(new LogPosition(10, 2));
        Fetched(node, answer => answer with { HighWatermark = 10 });
        Step(node, Answer(Sent<FetchRequest>()) with { Snapshot = new LogPosition(offset, epoch) });
        Tick(node, 50);
        Sent<FetchRequest>();
    }

    [Theory]
    [InlineData(100, 3)]
    [InlineData(40, 4)]
    public void A_node_that_stopped_before_it_cut_its_log_does_so_at_the_start(long endOffset, int epoch)
    {
        var disk = new RaftLogState(0, endOffset, [new EpochStart(epoch, 0)], Snapshot, Snapshot, []);
        var node = new RaftNode(new RaftOptions(Local), disk, new QuorumStateRecord(5, -1, null), Voters, new Random(1), 0);
        Assert.Equal((80, 80), (node.EndOffset, node.HighWatermark));
        Assert.Equal(Snapshot, node.TakeReady().ResetTo);
    }

    [Fact]
    public void A_leader_serves_a_snapshot_to_whom_follows_it_and_not_the_bootstrap_one()
    {
        var node = new RaftNode(new RaftOptions(Local), new RaftLogState(0, 0, [], null, null, []), null, new VoterSet([new Voter(Local, [], 0, 0)]), new Random(1), 0);
        node.Propose(9, new byte[1]);
        Carry(node);
        node.SnapshotTaken(node.SnapshotIdentity(5).Id);

        Assert.True(Serve(node, 1, new LogPosition(5, 1)).IsToBeRead);
        Assert.Equal(RaftError.FencedLeaderEpoch, Serve(node, 0, new LogPosition(5, 1)).Error);
        Assert.Equal(RaftError.UnknownLeaderEpoch, Serve(node, 2, new LogPosition(5, 1)).Error);
        Assert.Equal(RaftError.SnapshotNotFound, Serve(node, 1, new LogPosition(0, 0)).Error);
        Assert.Equal(RaftError.SnapshotNotFound, Serve(node, 1, new LogPosition(6, 1)).Error);
        Assert.Equal(RaftError.PositionOutOfRange, Serve(node, 1, new LogPosition(5, 1), -1).Error);
    }

    private FetchSnapshotResponse Serve(RaftNode node, int epoch, LogPosition snapshot, long position = 0)
    {
        Step(node, new FetchSnapshotRequest(1, 9, 1, new ReplicaKey(9, new DirectoryId(7, 9)), epoch, snapshot, position));
        return Sent<FetchSnapshotResponse>();
    }

    private static RaftNode Follow(LogPosition end)
    {
        var disk = new RaftLogState(0, end.Offset, [new EpochStart(end.Epoch, 0)], null, null, []);
        return new RaftNode(new RaftOptions(Local), disk, new QuorumStateRecord(5, 2, null), Voters, new Random(1), 0);
    }

    /// <summary>Answers the follower's first fetch.</summary>
    private void Fetched(RaftNode node, Func<FetchResponse, FetchResponse> change)
    {
        Tick(node, 0);
        Step(node, change(Answer(Sent<FetchRequest>())));
    }

    private static FetchResponse Answer(FetchRequest fetch) => new(fetch.CorrelationId, 2, 1, RaftError.None, 5, 2);

    private static FetchSnapshotResponse Piece(FetchSnapshotRequest ask, long position, int length, long size) =>
        new(ask.CorrelationId, 2, 1, RaftError.None, 5, 2) { Snapshot = ask.Snapshot, Position = position, Size = size, Bytes = new byte[length] };

    private T Sent<T>() where T : RaftMessage => Assert.IsType<T>(Assert.Single(_carried.SelectMany(ready => ready.Messages)));

    private void Step(RaftNode node, RaftMessage message)
    {
        node.Step(message, 0);
        Carry(node);
    }

    private void Tick(RaftNode node, long nowMs)
    {
        node.Tick(nowMs);
        Carry(node);
    }

    private void Carry(RaftNode node)
    {
        _carried.Clear();
        while (node.HasReady)
        {
            _carried.Add(node.TakeReady());
            node.Advance(_carried[^1], 0);
        }
    }
}
