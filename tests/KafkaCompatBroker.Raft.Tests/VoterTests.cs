namespace KafkaCompatBroker.Raft.Tests;

/// <summary>What a voter of three grants, remembers and refuses, message by message.</summary>
public sealed class VoterTests
{
    private static readonly ReplicaKey Local = new(1, new DirectoryId(7, 1));
    private static readonly VoterSet Voters = new(Enumerable.Range(1, 3).Select(id => new Voter(new ReplicaKey(id, DirectoryId.Zero), [], 0, 0)));
    private static readonly LogPosition Log = new(2, 1);

    [Fact]
    public void A_vote_is_given_once_an_epoch_and_leaves_after_it_is_saved()
    {
        var node = Start(new QuorumStateRecord(1, -1, null));
        node.Step(Ask(2, 5), 0);
        var ready = node.TakeReady();
        Assert.Equal((5, -1, 2), (ready.QuorumState!.LeaderEpoch, ready.QuorumState.LeaderId, ready.QuorumState.Voted!.Value.Id));
        Assert.True(Assert.IsType<VoteResponse>(Assert.Single(ready.Messages)).Granted);
        node.Advance(ready, 0);

        Assert.False(Vote(node, Ask(3, 5)));
        Assert.True(Vote(node, Ask(2, 5)));
    }

    [Fact]
    public void A_vote_is_remembered_through_a_restart()
    {
        var node = Start(new QuorumStateRecord(5, -1, new ReplicaKey(2, new DirectoryId(7, 2))));
        Assert.False(Vote(node, Ask(3, 5)));
        Assert.True(Vote(node, Ask(2, 5)));
        // The same id on another disk is another replica (KIP-853).
        Assert.False(Vote(node, Ask(2, 5) with { Candidate = new ReplicaKey(2, new DirectoryId(9, 9)) }));
    }

    [Fact]
    public void A_vote_is_remembered_through_a_sounding_out_that_failed()
    {
        var node = Start(new QuorumStateRecord(1, -1, null));
        Assert.True(Vote(node, Ask(2, 5)));
        node.Tick(5_000);
        Assert.Equal(RoleKind.Prospective, node.Role);
        Assert.False(Vote(node, Ask(3, 5), 5_000));
        node.Tick(50_000);
        Assert.Equal((RoleKind.Unattached, 5), (node.Role, node.Epoch));
        Assert.False(Vote(node, Ask(3, 5), 50_000));
    }

    [Fact]
    public void A_candidate_has_voted_for_itself()
    {
        var node = Start(new QuorumStateRecord(1, -1, null));
        node.Tick(5_000);
        foreach (var request in Carry(node).OfType<VoteRequest>().Where(request => request.PreVote))
            node.Step(new VoteResponse(request.CorrelationId, request.Destination, 1, RaftError.None, 1, -1, true), 5_000);
        Assert.Equal((RoleKind.Candidate, 2), (node.Role, node.Epoch));
        Assert.False(Vote(node, Ask(3, 2), 5_000));
        Assert.True(Vote(node, Ask(3, 3), 5_000));
    }

    [Fact]
    public void A_candidate_with_a_rival_does_not_wait_for_a_voter_that_says_nothing()
    {
        var node = Start(new QuorumStateRecord(1, -1, null));
        var nowMs = 5_000L;
        for (var contest = 0; contest < 8; contest++)
        {
            node.Tick(nowMs);
            Assert.Equal(RoleKind.Prospective, node.Role);
            foreach (var request in Carry(node).OfType<VoteRequest>().Where(request => request is { PreVote: true, Destination: 2 }))
                node.Step(new VoteResponse(request.CorrelationId, 2, 1, RaftError.None, node.Epoch, -1, true), nowMs);
            Assert.Equal(RoleKind.Candidate, node.Role);
            foreach (var request in Carry(node).OfType<VoteRequest>().Where(request => request is { PreVote: false, Destination: 2 }))
                node.Step(new VoteResponse(request.CorrelationId, 2, 1, RaftError.None, node.Epoch, -1, false), nowMs);
            // Longer every time, so that the rivals come to stand at different times, and never longer than configured.
            var pauseMs = node.DeadlineMs - nowMs;
            var mostMs = Math.Min(1_000, 100 << contest);
            Assert.InRange(pauseMs, mostMs / 2, mostMs);
            nowMs = node.DeadlineMs;
        }
    }

    [Fact]
    public void A_sounding_out_that_is_refused_is_soon_tried_again_when_a_voter_says_nothing()
    {
        var node = Start(new QuorumStateRecord(1, -1, null));
        node.Tick(5_000);
        foreach (var request in Carry(node).OfType<VoteRequest>().Where(request => request is { PreVote: true, Destination: 2 }))
            node.Step(new VoteResponse(request.CorrelationId, 2, 1, RaftError.None, node.Epoch, -1, false), 5_000);
        Assert.Equal((RoleKind.Prospective, 1), (node.Role, node.Epoch));
        Assert.InRange(node.DeadlineMs, 5_050, 5_100);
        node.Tick(node.DeadlineMs);
        Assert.Equal((RoleKind.Unattached, 1), (node.Role, node.Epoch));
    }

    [Fact]
    public void Who_knows_the_leader_of_an_epoch_votes_for_nobody_in_it_even_after_losing_it()
    {
        var node = Start(new QuorumStateRecord(5, 2, null));
        Assert.False(Vote(node, Ask(3, 5)));
        node.Tick(10_000);
        Assert.Equal(RoleKind.Prospective, node.Role);
        Assert.False(Vote(node, Ask(3, 5), 10_000));
        Assert.True(Vote(node, Ask(3, 6), 10_000));
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(99, 0, false)]
    [InlineData(2, 1, true)]
    [InlineData(1, 2, true)]
    public void A_vote_needs_a_log_that_is_complete(long offset, int epoch, bool granted)
    {
        var node = Start(new QuorumStateRecord(1, -1, null));
        Assert.Equal(granted, Vote(node, Ask(2, 5) with { LastLog = new LogPosition(offset, epoch) }));
        Assert.Equal(5, node.Epoch);
    }

    [Fact]
    public void A_pre_vote_is_no_vote()
    {
        var node = Start(new QuorumStateRecord(5, -1, null));
        Carry(node);
        Assert.True(Vote(node, Ask(2, 5) with { PreVote = true }));
        Assert.True(Vote(node, Ask(3, 5) with { PreVote = true }));
        Assert.Equal(5, node.Epoch);
        Assert.True(Vote(node, Ask(3, 5)));
    }

    [Fact]
    public void A_follower_that_hears_its_leader_refuses_a_pre_vote()
    {
        var node = Start(new QuorumStateRecord(5, 2, null));
        Assert.True(Vote(node, Ask(3, 5) with { PreVote = true }));

        node = Start(new QuorumStateRecord(5, 2, null));
        Answer(node, fetch => fetch);
        Assert.False(Vote(node, Ask(3, 5) with { PreVote = true }));
        Assert.Equal(2, node.LeaderId);
    }

    [Fact]
    public void A_restarted_leader_does_not_lead_its_old_epoch()
    {
        var node = Start(new QuorumStateRecord(5, 1, null));
        Assert.Equal((RoleKind.Resigned, 5), (node.Role, node.Epoch));
        Assert.Null(node.Propose(1, new byte[1]));
        Assert.All(Carry(node), message => Assert.IsType<EndQuorumEpochRequest>(message));
        node.Tick(5_000);
        Assert.Equal((RoleKind.Unattached, 6), (node.Role, node.Epoch));
    }

    [Fact]
    public void An_epoch_in_the_log_counts_even_when_the_saved_state_is_behind()
    {
        var node = Start(null, new RaftLogState(0, 5, [new EpochStart(1, 0), new EpochStart(7, 3)], null, null, []));
        Assert.Equal(7, node.Epoch);
        Assert.False(Vote(node, Ask(2, 6) with { LastLog = new LogPosition(9, 5) }));
    }

    [Fact]
    public void A_follower_takes_no_gap_and_nothing_from_the_future()
    {
        var node = Start(new QuorumStateRecord(5, 2, null));
        foreach (var entry in new RaftEntry[] { new(3, 1, 5, default), new(1, 1, 5, default), new(2, 1, 6, default), new(2, 0, 5, default) })
        {
            Answer(node, fetch => fetch with { HighWatermark = 9, Entries = [entry] });
            Assert.Equal(2, node.EndOffset);
        }
        Answer(node, fetch => fetch with { HighWatermark = 3, Entries = [new RaftEntry(2, 2, 5, new byte[1])] });
        Assert.Equal((4, 3), (node.EndOffset, node.HighWatermark));
    }

    [Fact]
    public void A_follower_cuts_to_the_end_of_the_last_epoch_that_both_have()
    {
        var node = Start(new QuorumStateRecord(5, 2, null), new RaftLogState(0, 6, [new EpochStart(1, 0), new EpochStart(3, 2)], null, null, []));
        Answer(node, fetch => fetch with { Diverging = new LogPosition(4, 2) });
        Assert.Equal(2, node.EndOffset);
        node = Start(new QuorumStateRecord(5, 2, null), new RaftLogState(0, 6, [new EpochStart(1, 0), new EpochStart(3, 2)], null, null, []));
        Answer(node, fetch => fetch with { Diverging = new LogPosition(4, 3) });
        Assert.Equal(4, node.EndOffset);
    }

    [Fact]
    public void What_is_committed_is_never_cut()
    {
        var node = Start(new QuorumStateRecord(5, 2, null));
        Answer(node, fetch => fetch with { HighWatermark = 2 });
        Answer(node, fetch => fetch with { Diverging = new LogPosition(1, 1) });
        Assert.Equal((2, 2), (node.EndOffset, node.HighWatermark));
    }

    /// <summary>Answers the follower's next fetch; each answer is followed by another fetch, at once or after a pause.</summary>
    private static void Answer(RaftNode node, Func<FetchResponse, FetchResponse> change)
    {
        for (var nowMs = 0; nowMs < 1_900; nowMs += 50)
        {
            if (Carry(node).OfType<FetchRequest>().LastOrDefault() is { } request)
            {
                node.Step(change(new FetchResponse(request.CorrelationId, 2, 1, RaftError.None, 5, 2)), nowMs);
                return;
            }
            node.Tick(nowMs);
        }
        Assert.Fail("The follower does not fetch.");
    }

    private static RaftNode Start(QuorumStateRecord? saved, RaftLogState? disk = null) =>
        new(new RaftOptions(Local), disk ?? new RaftLogState(0, Log.Offset, [new EpochStart(Log.Epoch, 0)], null, null, []), saved, Voters, new Random(1), 0);

    private static VoteRequest Ask(int candidate, int epoch) => new(1, candidate, 1, epoch, new ReplicaKey(candidate, new DirectoryId(7, (ulong)candidate)), null, Log, false);

    private static bool Vote(RaftNode node, VoteRequest request, long nowMs = 0)
    {
        node.Step(request, nowMs);
        return Carry(node).OfType<VoteResponse>().Single().Granted;
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
