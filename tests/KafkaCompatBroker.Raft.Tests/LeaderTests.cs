namespace KafkaCompatBroker.Raft.Tests;

/// <summary>A leader of three, message by message.</summary>
public sealed class LeaderTests
{
    private static readonly ReplicaKey Local = new(1, new DirectoryId(7, 1));
    private static readonly ReplicaKey Second = new(2, new DirectoryId(7, 2));
    private long _correlationId;

    [Fact]
    public void Records_of_earlier_epochs_are_committed_only_with_one_of_its_own()
    {
        var node = Elect();
        // Replica 2 has everything of epoch 1 but not yet the first batch of epoch 2 (Raft, figure 8).
        Step(node, Fetch(Second, new LogPosition(2, 1)));
        Assert.Equal(0, node.HighWatermark);
        Step(node, Fetch(Second, new LogPosition(3, 2)));
        Assert.Equal(3, node.HighWatermark);
    }

    [Fact]
    public void Its_own_copy_counts_only_when_it_is_synced()
    {
        var node = Elect();
        node.Propose(1, new byte[1]);
        var ready = node.TakeReady();
        node.Step(Fetch(Second, new LogPosition(4, 2)), 0);
        Assert.Equal(3, node.HighWatermark);
        node.Advance(ready, 0);
        Assert.Equal(4, node.HighWatermark);
    }

    [Fact]
    public void A_replica_with_the_id_of_a_voter_on_another_disk_does_not_count()
    {
        var voters = new VoterSet([new Voter(Local, [], 0, 1), new Voter(Second, [], 0, 1), new Voter(new ReplicaKey(3, new DirectoryId(7, 3)), [], 0, 1)]);
        var node = Elect(voters);
        Step(node, Fetch(Second with { DirectoryId = new DirectoryId(8, 8) }, new LogPosition(3, 2)));
        Assert.Equal(0, node.HighWatermark);
        Assert.Equal(8UL, Assert.Single(node.Describe(0).Observers).Key.DirectoryId.High);
    }

    [Fact]
    public void Made_up_replicas_do_not_take_all_memory()
    {
        var node = Elect();
        for (ulong i = 1; i <= 10_100; i++) Step(node, Fetch(new ReplicaKey(9, new DirectoryId(9, i)), new LogPosition(3, 2)) with { WaitMs = 0 });
        Assert.Equal(10_000, node.Describe(0).Observers.Count);
    }

    [Theory]
    [InlineData(2, 0, 2, 1)]
    [InlineData(5, 1, 2, 1)]
    [InlineData(9, 2, 3, 2)]
    public void A_replica_whose_log_differs_is_told_where(long offset, int epoch, long endOffset, int endEpoch)
    {
        var node = Elect();
        var answer = Assert.IsType<FetchResponse>(Assert.Single(Step(node, Fetch(Second, new LogPosition(offset, epoch)))));
        if (epoch == 0) (endOffset, endEpoch) = (0, 0);
        Assert.Equal(new LogPosition(endOffset, endEpoch), answer.Diverging);
        Assert.Null(answer.ReadFrom);
    }

    [Fact]
    public void A_fetch_with_nothing_to_get_waits_for_records_or_for_the_high_watermark()
    {
        var node = Elect();
        Assert.Empty(Step(node, Fetch(Second, new LogPosition(3, 2)) with { HighWatermark = 3 }));
        node.Propose(1, new byte[1]);
        var answer = Assert.IsType<FetchResponse>(Assert.Single(Carry(node)));
        Assert.Equal((3, 3), (answer.ReadFrom, answer.HighWatermark));

        Assert.Empty(Step(node, Fetch(Second, new LogPosition(4, 2)) with { HighWatermark = 4 }));
        node.Tick(10_000);
        Assert.Single(Carry(node).OfType<FetchResponse>());
    }

    [Theory]
    [InlineData(1, RaftError.FencedLeaderEpoch)]
    [InlineData(3, RaftError.UnknownLeaderEpoch)]
    public void A_fetch_of_another_epoch_is_refused(int epoch, RaftError error)
    {
        var node = Elect();
        var answer = Assert.IsType<FetchResponse>(Assert.Single(Step(node, Fetch(Second, new LogPosition(2, 1)) with { Epoch = epoch })));
        Assert.Equal((error, 2, 1), (answer.Error, answer.Epoch, answer.LeaderId));
    }

    [Fact]
    public void A_leader_votes_for_nobody_in_its_epoch_and_for_anybody_complete_in_a_later_one()
    {
        var node = Elect();
        Assert.False(Vote(node, 2));
        Assert.Equal(RoleKind.Leader, node.Role);
        Assert.True(Vote(node, 3));
        Assert.Equal((RoleKind.Unattached, 3), (node.Role, node.Epoch));
    }

    [Fact]
    public void Forged_requests_are_refused_and_change_nothing()
    {
        var node = Elect();
        RaftMessage[] forged =
        [
            new BeginQuorumEpochRequest(1, 3, 1, 2, null),
            new BeginQuorumEpochRequest(1, 1, 1, 9, null),
            new BeginQuorumEpochRequest(1, -5, 1, 9, null),
            new EndQuorumEpochRequest(1, 3, 1, 2, []),
            new EndQuorumEpochRequest(1, 1, 1, 9, []),
            new VoteRequest(1, 3, 1, 9, Local, null, new LogPosition(9, 8), false),
            new VoteRequest(1, 3, 1, 9, Second, new ReplicaKey(1, new DirectoryId(6, 6)), new LogPosition(9, 8), false),
            new VoteRequest(1, 3, 1, 9, Second, null, new LogPosition(9, 9), false),
            new VoteRequest(1, 3, 1, 9, Second, null, new LogPosition(-1, 1), false),
            Fetch(Second, new LogPosition(-1, 0)),
            Fetch(Second, new LogPosition(0, 5)),
            Fetch(Local, new LogPosition(0, 0)) with { Source = 1 },
            new VoteResponse(77, 2, 1, RaftError.None, 99, 3, true),
            new FetchResponse(78, 2, 1, RaftError.None, 99, 3),
        ];
        foreach (var message in forged)
        {
            var answers = Step(node, message);
            if (message is not RaftResponse) Assert.NotEqual(RaftError.None, Assert.IsAssignableFrom<RaftResponse>(Assert.Single(answers)).Error);
            Assert.Equal((RoleKind.Leader, 2), (node.Role, node.Epoch));
        }
    }

    private static bool Vote(RaftNode node, int epoch) =>
        Assert.IsType<VoteResponse>(Assert.Single(Step(node, new VoteRequest(1, 3, 1, epoch, new ReplicaKey(3, new DirectoryId(7, 3)), null, new LogPosition(9, epoch - 1), false)))).Granted;

    private static RaftNode Elect(VoterSet? voters = null)
    {
        voters ??= new VoterSet(Enumerable.Range(1, 3).Select(id => new Voter(new ReplicaKey(id, DirectoryId.Zero), [], 0, 0)));
        var disk = new RaftLogState(0, 2, [new EpochStart(1, 0)], null, null, []);
        var node = new RaftNode(new RaftOptions(Local), disk, new QuorumStateRecord(1, -1, null), voters, new Random(1), 0);
        node.Tick(node.DeadlineMs);
        for (var nowMs = 0; node.Role != RoleKind.Leader && nowMs < 20_000; nowMs += 100)
        {
            node.Tick(nowMs);
            foreach (var request in Carry(node).OfType<VoteRequest>())
                node.Step(new VoteResponse(request.CorrelationId, request.Destination, 1, RaftError.None, request.Epoch, -1, true), nowMs);
        }
        Assert.Equal((RoleKind.Leader, 2), (node.Role, node.Epoch));
        Carry(node);
        return node;
    }

    private FetchRequest Fetch(ReplicaKey replica, LogPosition position) => new(++_correlationId, replica.Id, 1, replica, 2, position, -1, 500);

    private static List<RaftMessage> Step(RaftNode node, RaftMessage message)
    {
        node.Step(message, 0);
        return Carry(node);
    }

    private static List<RaftMessage> Carry(RaftNode node)
    {
        var sent = new List<RaftMessage>();
        while (node.HasReady)
        {
            var ready = node.TakeReady();
            sent.AddRange(ready.Messages);
            node.Advance(ready, 0);
        }
        return sent;
    }
}
