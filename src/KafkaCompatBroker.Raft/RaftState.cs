using KafkaCompatBroker.Raft.Roles;

namespace KafkaCompatBroker.Raft;

/// <summary>
/// What all roles share: the election facts of the current epoch, the log, the messages on their way out, and the changes of role.
/// Inside one epoch a known leader and a given vote are never forgotten, whatever the role: forgetting them would allow a second vote.
/// </summary>
internal sealed class RaftState
{
    // Between half of it and all of it; doubled with every election in a row that another candidate spoils.
    private const int ContestBackoffMs = 100;
    private const int ContestsMax = 10;

    private readonly Random _random;
    private List<RaftMessage> _messages = [];
    private List<SnapshotChunk> _chunks = [];
    private QuorumStateRecord _persisted;
    private Leadership _announced;
    private long _announcedHighWatermark;
    private int _contests;

    public RaftState(RaftOptions options, LogView log, QuorumStateRecord? saved, Random random)
    {
        Options = options;
        Log = log;
        _random = random;
        Requests = new RequestTracker(options.RequestTimeoutMs, options.RetryBackoffMs);
        _persisted = saved ?? new QuorumStateRecord(0, QuorumStateRecord.NoLeader, null);
        (Epoch, LeaderId, Voted) = (_persisted.LeaderEpoch, _persisted.LeaderId, _persisted.Voted);
        if (log.LastEpoch > Epoch) (Epoch, LeaderId, Voted) = (log.LastEpoch, QuorumStateRecord.NoLeader, null);
        _announced = new Leadership(-1, QuorumStateRecord.NoLeader);
        _announcedHighWatermark = -1;
    }

    public RaftOptions Options { get; }

    public LogView Log { get; }

    public RequestTracker Requests { get; }

    public int Epoch { get; private set; }

    public int LeaderId { get; private set; }

    public ReplicaKey? Voted { get; private set; }

    public Role Role { get; private set; } = null!;

    public bool IsVoter => Log.Voters.Contains(Options.Local);

    /// <summary>
    /// A voter stands for election, and so does a replica whose removal is not committed yet as far as it knows: it may be the only one that
    /// has the removal, and without it the others could not elect anybody (Raft, section 4.2.2). It has no vote for itself.
    /// </summary>
    public bool MayStand => Log.VoterHistory.MayStillVote(Options.Local, Log.HighWatermark);

    public IEnumerable<int> OtherVoters => Log.Voters.Ids.Where(id => id != Options.Local.Id);

    /// <summary>Who may know the leader.</summary>
    public IEnumerable<int> NodesToAsk => OtherVoters.Concat(Options.BootstrapIds);

    /// <summary>A fresh election time-out: the option and up to as much again, so that voters seldom stand at once.</summary>
    public int RandomElectionTimeoutMs() => Options.ElectionTimeoutMs + _random.Next(Options.ElectionTimeoutMs);

    /// <summary>The pause of a candidate that has a rival: short at first, for most often one of the two wins the second time.</summary>
    public int RandomContestBackoffMs()
    {
        var mostMs = Math.Max(1, (int)Math.Min(Options.ElectionBackoffMaxMs, (long)ContestBackoffMs << _contests));
        if (_contests < ContestsMax) _contests++;
        return (mostMs / 2) + RandomBackoffMs((mostMs + 1) / 2);
    }

    public int RandomBackoffMs(int mostMs) => mostMs <= 1 ? mostMs : 1 + _random.Next(mostMs);

    public void Send(RaftMessage message) => _messages.Add(message);

    public void Keep(SnapshotChunk chunk) => _chunks.Add(chunk);

    /// <summary>Where in a new epoch, or in the current one after a time-out, there is no leader to follow.</summary>
    public void BecomeUnattached(int epoch, long nowMs, int? timeoutMs = null)
    {
        EnterEpoch(epoch);
        Become(new Unattached(this, nowMs + (timeoutMs ?? RandomElectionTimeoutMs())));
        if (Log.Voters.IsOnly(Options.Local)) BecomeCandidate(nowMs);
    }

    public void BecomeFollower(int epoch, int leaderId, long nowMs)
    {
        EnterEpoch(epoch);
        if (LeaderId != QuorumStateRecord.NoLeader && LeaderId != leaderId)
            throw new InvalidOperationException($"Epoch {epoch} is led by {LeaderId}, it cannot be led by {leaderId}.");
        if (leaderId == Options.Local.Id) throw new InvalidOperationException("A node does not follow itself.");
        (LeaderId, _contests) = (leaderId, 0);
        Become(new Follower(this, leaderId, nowMs));
        Role.Tick(nowMs);
    }

    public void BecomeProspective(long nowMs)
    {
        var prospective = new Prospective(this, nowMs);
        Become(prospective);
        prospective.Start(nowMs);
    }

    public void BecomeCandidate(long nowMs)
    {
        if (!MayStand) throw new InvalidOperationException("Only a voter stands for election.");
        EnterEpoch(Epoch + 1);
        Voted = Options.Local;
        var candidate = new Candidate(this, nowMs);
        Become(candidate);
        candidate.Start(nowMs);
    }

    public void BecomeLeader(IReadOnlyList<int> grantingVoters, long nowMs)
    {
        (LeaderId, Voted, _contests) = (Options.Local.Id, null, 0);
        var leader = new Leader(this, nowMs);
        Become(leader);
        leader.Start(grantingVoters, nowMs);
    }

    public void BecomeResigned(IReadOnlyList<ReplicaKey> preferredSuccessors, long nowMs)
    {
        var resigned = new Resigned(this, preferredSuccessors, nowMs);
        Become(resigned);
        resigned.Tick(nowMs);
    }

    public void GrantVote(ReplicaKey candidate)
    {
        if (Voted is not null && Voted != candidate) throw new InvalidOperationException($"The vote of epoch {Epoch} was given to {Voted}.");
        Voted = candidate;
    }

    public bool HasReady => _messages.Count > 0 || _chunks.Count > 0 || Log.HasPending || !IsPersisted || Leadership() != _announced || Log.HighWatermark != _announcedHighWatermark;

    public Ready TakeReady()
    {
        var (resetTo, truncateTo, entries) = Log.TakePending();
        var leadership = Leadership();
        var record = IsPersisted ? _persisted : new QuorumStateRecord(Epoch, LeaderId, Voted);
        var ready = new Ready
        {
            QuorumState = IsPersisted ? null : record,
            ResetTo = resetTo,
            TruncateTo = truncateTo,
            Entries = entries,
            SnapshotChunks = _chunks,
            Messages = _messages,
            HighWatermark = Log.HighWatermark != _announcedHighWatermark ? Log.HighWatermark : null,
            Leadership = leadership != _announced ? leadership : null,
        };
        (_persisted, _announced, _announcedHighWatermark) = (record, leadership, Log.HighWatermark);
        _messages = [];
        _chunks = [];
        return ready;
    }

    private void EnterEpoch(int epoch)
    {
        if (epoch < Epoch) throw new InvalidOperationException($"Epoch {epoch} after {Epoch}.");
        if (epoch == Epoch) return;
        (Epoch, LeaderId, Voted) = (epoch, QuorumStateRecord.NoLeader, null);
    }

    private void Become(Role role)
    {
        Role?.Leave();
        Requests.Reset();
        Role = role;
    }

    private bool IsPersisted => _persisted.LeaderEpoch == Epoch && _persisted.LeaderId == LeaderId && _persisted.Voted == Voted;

    private Leadership Leadership() => new(Epoch, Role.LeaderToFollow);
}
