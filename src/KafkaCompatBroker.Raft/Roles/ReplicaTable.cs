namespace KafkaCompatBroker.Raft.Roles;

/// <summary>What a leader knows of every replica: the voters in force, and whoever else fetches.</summary>
internal sealed class ReplicaTable
{
    /// <summary>A silent observer is forgotten after this.</summary>
    private const long ObserverSessionMs = 300_000;

    /// <summary>More observers than any cluster has brokers; whoever makes up directory ids does not get more memory.</summary>
    private const int ObserversMax = 10_000;

    private readonly ReplicaKey _local;
    private readonly Dictionary<ReplicaKey, ReplicaProgress> _observers = [];
    private SortedDictionary<int, ReplicaProgress> _voters = [];

    public ReplicaTable(ReplicaKey local, VoterSet voters)
    {
        _local = local;
        Follow(voters);
        Of(local).KnowsLeader = true;
    }

    public IReadOnlyCollection<ReplicaProgress> Voters => _voters.Values;

    /// <summary>The other voters, the most complete first.</summary>
    public IEnumerable<ReplicaProgress> Others => _voters.Values.Where(voter => voter.Key.Id != _local.Id).OrderByDescending(voter => voter.EndOffset);

    /// <summary>Offset below which a majority of the voters has everything on its disks; -1 when not known.</summary>
    public long MajorityEndOffset
    {
        get
        {
            var ends = _voters.Values.Select(voter => voter.EndOffset).OrderDescending().ToArray();
            return ends.Length == 0 ? -1 : ends[ends.Length / 2];
        }
    }

    public ReplicaProgress? Voter(int id) => _voters.GetValueOrDefault(id);

    public ReplicaProgress? Observer(ReplicaKey replica) => _observers.GetValueOrDefault(replica);

    public bool IsVoter(ReplicaKey replica) => _voters.TryGetValue(replica.Id, out var voter) && voter.Key.Covers(replica);

    /// <summary>The progress of this replica, as a voter or not.</summary>
    public ReplicaProgress Of(ReplicaKey replica)
    {
        if (_voters.TryGetValue(replica.Id, out var voter) && voter.Key.Covers(replica))
        {
            // A configured voter is known by id alone until it shows its directory; another disk is then another replica.
            voter.Key = replica;
            return voter;
        }
        if (_observers.TryGetValue(replica, out var observer)) return observer;
        if (_observers.Count >= ObserversMax) _observers.Remove(_observers.Values.MinBy(known => known.LastFetchMs)!.Key);
        return _observers[replica] = new ReplicaProgress(replica);
    }

    /// <summary>Another voter set is in force: what is known of a replica stays known, whatever it is now.</summary>
    public void Follow(VoterSet voters)
    {
        var followed = new SortedDictionary<int, ReplicaProgress>();
        foreach (var voter in voters.Voters)
        {
            if (_voters.TryGetValue(voter.Key.Id, out var known) && (voter.Key.Covers(known.Key) || known.Key.Covers(voter.Key)))
            {
                _voters.Remove(voter.Key.Id);
                if (voter.Key.DirectoryId != DirectoryId.Zero) known.Key = voter.Key;
            }
            else if (!_observers.Remove(voter.Key, out known)) known = new ReplicaProgress(voter.Key);
            followed[voter.Key.Id] = known;
        }
        foreach (var removed in _voters.Values) _observers[removed.Key] = removed;
        _voters = followed;
    }

    public IReadOnlyList<ReplicaProgress> CopyVoters(long nowMs) => [.. _voters.Values.Select(voter => voter.Copy(voter.Key.Id == _local.Id, nowMs))];

    public IReadOnlyList<ReplicaProgress> CopyObservers(long nowMs)
    {
        foreach (var silent in _observers.Values.Where(observer => observer.LastFetchMs + ObserverSessionMs < nowMs).ToList()) _observers.Remove(silent.Key);
        return [.. _observers.Values.OrderBy(observer => observer.Key.Id).Select(observer => observer.Copy(isLeader: false, nowMs))];
    }
}
