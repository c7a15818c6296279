namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>
/// The followers of a partition as its leader sees them, the in-sync replicas as the controller decided them, and the change that the
/// leader has proposed. The high watermark waits for both (KIP-497).
/// </summary>
internal sealed class InSyncReplicas(int localId)
{
    private readonly Dictionary<int, ReplicaProgress> _followers = [];
    private PartitionAssignment _assignment = new(-1, -1, -1, [], []);
    private IsrProposal? _proposal;

    /// <summary>Whether no follower can hold the high watermark back.</summary>
    public bool IsAlone { get; private set; } = true;

    public bool HasProposal => _proposal is not null;

    /// <summary>Members that are decided or proposed.</summary>
    public int MaximalCount
    {
        get
        {
            int count = _assignment.Isr.Count;
            if (_proposal is null)
                return count;
            foreach (IsrMember member in _proposal.Members)
                count += _assignment.Isr.Contains(member.BrokerId) ? 0 : 1;
            return count;
        }
    }

    public bool Contains(int replica) => _followers.ContainsKey(replica);

    /// <summary>Takes over a newer assignment. A proposal stays only while the controller has decided nothing since.</summary>
    public void Assign(in PartitionAssignment assignment, bool isNewEpoch, long nowMs)
    {
        if (isNewEpoch || assignment.PartitionEpoch > _assignment.PartitionEpoch)
            _proposal = null;
        _assignment = assignment;
        if (assignment.Leader != localId)
            _followers.Clear();
        else
            FollowReplicas(isNewEpoch, nowMs);
        LookAround();
    }

    public void Fetched(in FollowerFetch fetch, long leaderLogEndOffset, long lagTimeMaxMs)
    {
        ReplicaProgress follower = _followers[fetch.ReplicaId];
        follower.Fetched(fetch, leaderLogEndOffset);
        follower.IsJoining = fetch.IsEligible && !_assignment.Isr.Contains(fetch.ReplicaId) && follower.IsCaughtUp(leaderLogEndOffset, fetch.NowMs, lagTimeMaxMs);
        LookAround();
    }

    /// <summary>The lowest end of those logs that a record must have reached to be committed.</summary>
    public long LowestEnd(long leaderLogEndOffset)
    {
        long lowest = leaderLogEndOffset;
        foreach (ReplicaProgress follower in _followers.Values)
        {
            if (follower.LogEndOffset < lowest && (follower.IsJoining || IsMaximal(follower.ReplicaId)))
                lowest = follower.LogEndOffset;
        }

        return lowest;
    }

    /// <summary>The lowest log start of those followers that are alive.</summary>
    public long LowestStart(long leaderLogStartOffset, Func<int, bool> isAlive)
    {
        long lowest = leaderLogStartOffset;
        foreach (ReplicaProgress follower in _followers.Values)
        {
            if (follower.LogStartOffset < lowest && isAlive(follower.ReplicaId))
                lowest = follower.LogStartOffset;
        }

        return lowest;
    }

    /// <summary>The in-sync follower in the reader's rack that holds the offset and is furthest; -1 when there is none.</summary>
    public int Nearest(NearbyReader reader, long fetchOffset)
    {
        ReplicaProgress? best = null;
        foreach (ReplicaProgress follower in _followers.Values)
        {
            bool holdsOffset = follower.LogEndOffset >= fetchOffset && follower.LogStartOffset <= fetchOffset;
            if (!holdsOffset || !_assignment.Isr.Contains(follower.ReplicaId) || reader.RackOf(follower.ReplicaId) != reader.Rack)
                continue;
            if (best is null || (follower.LogEndOffset, follower.LastCaughtUpMs, follower.ReplicaId).CompareTo((best.LogEndOffset, best.LastCaughtUpMs, best.ReplicaId)) > 0)
                best = follower;
        }

        return best?.ReplicaId ?? -1;
    }

    public IsrProposal? Expand(int replica, long highWatermark, long epochStartOffset)
    {
        if (_proposal is not null || _assignment.Isr.Contains(replica) || !_followers.TryGetValue(replica, out ReplicaProgress? follower))
            return null;

        // Behind the start of the epoch it might lack what the previous leader committed.
        return follower.IsEligible && follower.LogEndOffset >= highWatermark && follower.LogEndOffset >= epochStartOffset
            ? Propose([.. _assignment.Isr, replica])
            : null;
    }

    public IsrProposal? Shrink(long leaderLogEndOffset, long nowMs, long lagTimeMaxMs)
    {
        foreach (ReplicaProgress follower in _followers.Values)
            follower.IsJoining &= follower.IsCaughtUp(leaderLogEndOffset, nowMs, lagTimeMaxMs);
        LookAround();
        if (_proposal is not null)
            return null;

        int[] members = [.. _assignment.Isr.Where(replica =>
            replica == localId || (_followers.TryGetValue(replica, out ReplicaProgress? follower) && follower.IsCaughtUp(leaderLogEndOffset, nowMs, lagTimeMaxMs)))];
        return members.Length < _assignment.Isr.Count ? Propose(members) : null;
    }

    public bool IsCurrent(IsrProposal proposal) => ReferenceEquals(_proposal, proposal);

    public void Drop()
    {
        _proposal = null;
        LookAround();
    }

    private IsrProposal Propose(IEnumerable<int> members)
    {
        // In Kafka's order, which tools print and scripts compare.
        _proposal = new(
            _assignment.LeaderEpoch,
            _assignment.PartitionEpoch,
            [.. members.Order().Select(id => new IsrMember(id, _followers.TryGetValue(id, out ReplicaProgress? follower) ? follower.BrokerEpoch : -1))]);
        LookAround();
        return _proposal;
    }

    private bool IsMaximal(int replica)
    {
        if (_assignment.Isr.Contains(replica))
            return true;
        if (_proposal is null)
            return false;
        foreach (IsrMember member in _proposal.Members)
        {
            if (member.BrokerId == replica)
                return true;
        }

        return false;
    }

    private void FollowReplicas(bool isNewEpoch, long nowMs)
    {
        foreach (int gone in _followers.Keys.Except(_assignment.Replicas).ToArray())
            _followers.Remove(gone);
        foreach (int replica in _assignment.Replicas)
        {
            if (replica == localId)
                continue;

            bool isKnown = _followers.TryGetValue(replica, out ReplicaProgress? follower);
            if (isKnown && !isNewEpoch)
            {
                // What the controller took out must show itself again before anything waits for it.
                follower!.IsJoining = false;
                continue;
            }

            follower ??= _followers[replica] = new(replica);
            follower.Reset(_assignment.Isr.Contains(replica), nowMs);
        }
    }

    private void LookAround()
    {
        bool isAlone = _assignment.Isr.Count <= 1 && _proposal is null;
        if (isAlone && _followers.Count > 0)
        {
            foreach (ReplicaProgress follower in _followers.Values)
                isAlone &= !follower.IsJoining;
        }

        IsAlone = isAlone;
    }
}
