namespace KafkaCompatBroker.Raft.Tests;

/// <summary>A leader of three that changes its voters (KIP-853), message by message.</summary>
public sealed class VoterChangeTests
{
    private static readonly VoterEndpoint[] Endpoints = [new("CONTROLLER", "localhost", 1)];
    private readonly List<RaftMessage> _sent = [];
    private readonly List<RaftEntry> _written = [];
    private long _correlationId = 1000;

    [Fact]
    public void No_change_before_a_record_of_the_own_epoch_is_committed()
    {
        // A predecessor's change may be under way, and two at once have majorities that do not overlap.
        var node = Lead(isRecorded: true, commits: false);
        Assert.Equal(RaftError.RequestTimedOut, Add(node, 4).Error);
        Assert.Equal(RaftError.RequestTimedOut, Remove(node, 3).Error);
        Assert.Equal(RaftError.RequestTimedOut, Update(node, VoterOf(3) with { Endpoints = [Endpoints[0] with { Port = 2 }] }).Error);
        Assert.Equal(3, node.Voters.Count);
    }

    [Fact]
    public void Configured_voters_cannot_be_changed()
    {
        var node = Lead(isRecorded: false);
        Assert.Equal(RaftError.UnsupportedVersion, Add(node, 4).Error);
        Assert.Equal(RaftError.UnsupportedVersion, Remove(node, 3).Error);
    }

    [Fact]
    public void A_voter_needs_a_directory_and_the_default_listener()
    {
        var node = Lead(isRecorded: true);
        Assert.Equal(RaftError.InvalidRequest, Ask<AddVoterResponse>(node, new AddVoterRequest(1, -1, 1, new ReplicaKey(4, DirectoryId.Zero), Endpoints, true)).Error);
        Assert.Equal(RaftError.InvalidRequest, Ask<AddVoterResponse>(node, new AddVoterRequest(1, -1, 1, KeyOf(4), [new VoterEndpoint("OTHER", "h", 1)], true)).Error);
        Assert.Equal(RaftError.InvalidRequest, Ask<RemoveVoterResponse>(node, new RemoveVoterRequest(1, -1, 1, new ReplicaKey(3, DirectoryId.Zero))).Error);
        Assert.Equal(RaftError.InvalidRequest, Update(node, VoterOf(3) with { KRaftVersionMin = 1, KRaftVersionMax = 0 }).Error);
        Assert.Equal(RaftError.InvalidRequest, Update(node, VoterOf(3) with { KRaftVersionMax = 0 }).Error);
        Assert.Equal(RaftError.InvalidRequest, Update(node, VoterOf(3) with { Endpoints = [] }).Error);
    }

    [Theory]
    [InlineData(RaftError.Disconnected, 0, 1, RaftError.RequestTimedOut)]
    [InlineData(RaftError.None, 0, 0, RaftError.InvalidRequest)]
    [InlineData(RaftError.None, 0, 1, RaftError.RequestTimedOut)]
    public void A_replica_that_is_silent_or_too_old_or_behind_does_not_become_a_voter(RaftError error, short min, short max, RaftError expected)
    {
        var node = Lead(isRecorded: true);
        Step(node, new AddVoterRequest(1, -1, 1, KeyOf(4), Endpoints, true));
        Assert.Equal(expected, Ask<AddVoterResponse>(node, Versions(Sent<KRaftVersionRequest>(), error, min, max)).Error);
        Assert.Equal(3, node.Voters.Count);
    }

    [Fact]
    public void An_answer_that_need_not_wait_for_the_commit_leaves_when_the_set_is_written()
    {
        var node = Lead(isRecorded: true);
        Fetch(node, 4, node.EndOffset);
        Step(node, new AddVoterRequest(1, 4, 1, KeyOf(4), Endpoints, AnswerWhenCommitted: false));
        Assert.Equal(RaftError.None, Ask<AddVoterResponse>(node, Versions(Sent<KRaftVersionRequest>())).Error);
        Assert.Equal(4, Assert.IsType<VotersChange>(_written[^1].Control).Voters.Count);
        // Still one at a time.
        Assert.Equal(RaftError.RequestTimedOut, Remove(node, 3).Error);
        Fetch(node, 2, node.EndOffset);
        Fetch(node, 4, node.EndOffset);
        Assert.Equal(node.EndOffset, node.HighWatermark);
        Step(node, new RemoveVoterRequest(1, -1, 1, KeyOf(3)));
        Assert.Equal(3, node.Voters.Count);
    }

    [Fact]
    public void A_removed_leader_does_not_count_itself_and_resigns_with_the_commit()
    {
        var node = Lead(isRecorded: true);
        Step(node, new RemoveVoterRequest(1, -1, 1, KeyOf(1)));
        Fetch(node, 2, node.EndOffset);
        Assert.True(node.HighWatermark < node.EndOffset);
        Assert.Equal(RoleKind.Leader, node.Role);
        Fetch(node, 3, node.EndOffset);
        Assert.Equal((node.EndOffset, RoleKind.Resigned), (node.HighWatermark, node.Role));
        Assert.Equal(RaftError.None, Assert.Single(_sent.OfType<RemoveVoterResponse>()).Error);
        Assert.Equal([2, 3], _sent.OfType<EndQuorumEpochRequest>().Select(request => request.Destination).Order());
    }

    [Fact]
    public void A_leader_that_steps_down_answers_what_is_under_way()
    {
        var node = Lead(isRecorded: true);
        Step(node, new RemoveVoterRequest(1, -1, 1, KeyOf(3)));
        node.Resign(node.Epoch, 0);
        Carry(node);
        Assert.Equal(RaftError.NotLeaderOrFollower, Assert.Single(_sent.OfType<RemoveVoterResponse>()).Error);
    }

    [Fact]
    public void A_leader_that_was_alone_gives_its_new_voter_time_to_fetch()
    {
        var recorded = new VoterSet([VoterOf(1)]);
        var disk = new RaftLogState(0, 0, [], default(LogPosition), default(LogPosition), [(-1, recorded)]);
        var node = new RaftNode(new RaftOptions(KeyOf(1)), disk, null, VoterSet.Empty, new Random(1), 0);
        Carry(node);
        Step(node, Fetched(2, node, node.EndOffset), 100_000);
        Step(node, new AddVoterRequest(1, -1, 1, KeyOf(2), Endpoints, true), 100_000);
        Step(node, Versions(_sent.OfType<KRaftVersionRequest>().Single()), 100_000);
        node.Tick(100_500);
        Assert.Equal((2, RoleKind.Leader), (node.Voters.Count, node.Role));
        node.Tick(110_000);
        Assert.Equal(RoleKind.Resigned, node.Role);
    }

    [Fact]
    public void An_upgrade_records_what_the_configured_voters_told()
    {
        var node = Lead(isRecorded: false);
        Assert.Equal(RaftError.InvalidUpdateVersion, node.UpgradeKRaftVersion(1, onlyCheck: false, 0).Error);
        Assert.Equal(RaftError.None, Update(node, VoterOf(2)).Error);
        Assert.Equal(RaftError.None, Update(node, VoterOf(3)).Error);
        Assert.Equal(RaftError.VoterNotFound, Update(node, VoterOf(4)).Error);
        Assert.Equal(RaftError.InvalidUpdateVersion, node.UpgradeKRaftVersion(2, onlyCheck: true, 0).Error);
        Assert.Equal(new KRaftVersionOutcome(RaftError.None), node.UpgradeKRaftVersion(1, onlyCheck: true, 0));
        Assert.False(node.AreVotersRecorded);

        var outcome = node.UpgradeKRaftVersion(1, onlyCheck: false, 0);
        Carry(node);
        var change = Assert.IsType<VotersChange>(_written[^1].Control);
        Assert.Equal((outcome.Offset, (short?)1, 2), (change.Offset, change.KRaftVersion, _written[^1].RecordCount));
        Assert.Equal([KeyOf(1), KeyOf(2), KeyOf(3)], node.Voters.Voters.Select(voter => voter.Key));
        // What was fetched before still counts.
        Fetch(node, 2, node.EndOffset);
        Assert.Equal(node.EndOffset, node.HighWatermark);
        Assert.Equal(new KRaftVersionOutcome(RaftError.None), node.UpgradeKRaftVersion(1, onlyCheck: false, 0));
        Assert.Equal(RaftError.InvalidUpdateVersion, node.UpgradeKRaftVersion(0, onlyCheck: false, 0).Error);
    }

    private RaftNode Lead(bool isRecorded, bool commits = true)
    {
        var voters = new VoterSet(Enumerable.Range(1, 3).Select(id => isRecorded ? VoterOf(id) : new Voter(new ReplicaKey(id, DirectoryId.Zero), [], 0, 0)));
        var disk = new RaftLogState(0, 2, [new EpochStart(1, 0)], null, null, isRecorded ? [(1, voters)] : []);
        var node = new RaftNode(new RaftOptions(KeyOf(1)) { Endpoints = Endpoints }, disk, new QuorumStateRecord(1, -1, null), voters, new Random(1), 0);
        for (var nowMs = 0; node.Role != RoleKind.Leader && nowMs < 20_000; nowMs += 100)
        {
            node.Tick(nowMs);
            Carry(node);
            foreach (var request in _sent.OfType<VoteRequest>().ToList())
                node.Step(new VoteResponse(request.CorrelationId, request.Destination, 1, RaftError.None, request.Epoch, -1, true), nowMs);
        }
        Carry(node);
        if (commits) Fetch(node, 2, node.EndOffset);
        Assert.Equal((RoleKind.Leader, commits ? 3 : 0), (node.Role, node.HighWatermark));
        return node;
    }

    private static ReplicaKey KeyOf(int id) => new(id, new DirectoryId(7, (ulong)id));

    private static Voter VoterOf(int id) => new(KeyOf(id), Endpoints, 0, 1);

    private AddVoterResponse Add(RaftNode node, int id) => Ask<AddVoterResponse>(node, new AddVoterRequest(1, -1, 1, KeyOf(id), Endpoints, true));

    private RemoveVoterResponse Remove(RaftNode node, int id) => Ask<RemoveVoterResponse>(node, new RemoveVoterRequest(1, -1, 1, KeyOf(id)));

    private UpdateVoterResponse Update(RaftNode node, Voter voter) => Ask<UpdateVoterResponse>(node, new UpdateVoterRequest(1, voter.Key.Id, 1, node.Epoch, voter));

    private static KRaftVersionResponse Versions(KRaftVersionRequest ask, RaftError error = RaftError.None, short min = 0, short max = 1) =>
        new(ask.CorrelationId, ask.Destination, 1, error, min, max);

    private FetchRequest Fetched(int id, RaftNode node, long offset) => new(++_correlationId, id, 1, KeyOf(id), node.Epoch, new LogPosition(offset, node.Epoch), -1, 0);

    private void Fetch(RaftNode node, int id, long offset) => Step(node, Fetched(id, node, offset));

    private T Ask<T>(RaftNode node, RaftMessage message) where T : RaftResponse
    {
        Step(node, message);
        return Sent<T>();
    }

    private T Sent<T>() where T : RaftMessage => Assert.Single(_sent.OfType<T>());

    private void Step(RaftNode node, RaftMessage message, long nowMs = 0)
    {
        node.Step(message, nowMs);
        Carry(node, nowMs);
    }

    private void Carry(RaftNode node, long nowMs = 0)
    {
        _sent.Clear();
        while (node.HasReady)
        {
            var ready = node.TakeReady();
            _sent.AddRange(ready.Messages);
            _written.AddRange(ready.Entries);
            node.Advance(ready, nowMs);
        }
    }
}
