namespace KafkaCompatBroker.Raft.Roles;

/// <summary>What a node does at the moment. A role ends by a change in <see cref="RaftState"/>; it is never entered twice.</summary>
internal abstract class Role(RaftState state)
{
    protected RaftState State { get; } = state;

    public abstract RoleKind Kind { get; }

    /// <summary>When <see cref="Tick"/> has something to do without a message.</summary>
    public abstract long DeadlineMs { get; }

    /// <summary>The leader that clients of this node should turn to, -1 while there is none that answers.</summary>
    public virtual int LeaderToFollow => QuorumStateRecord.NoLeader;

    public abstract void Tick(long nowMs);

    /// <summary>Whether the sender of this request, of the current epoch, gets this node's vote.</summary>
    public abstract bool Grants(VoteRequest request, bool isLogUpToDate);

    public virtual void OnVoteResponse(VoteResponse response, long nowMs) { }

    public virtual void OnFetchResponse(FetchResponse response, long nowMs) { }

    public virtual void OnFetchSnapshotResponse(FetchSnapshotResponse response, long nowMs) { }

    /// <summary>The download of a snapshot ended: it has replaced the log, or it was not whole.</summary>
    public virtual void OnSnapshotDone(bool isInstalled, long nowMs) { }

    /// <summary>What the leader said to this node's wish to be another voter, or another kind of it.</summary>
    public virtual void OnVoterChangeResponse(RaftResponse response, long nowMs) { }

    public virtual void OnKRaftVersionResponse(KRaftVersionResponse response, long nowMs) { }

    public virtual void OnBeginQuorumEpochResponse(BeginQuorumEpochResponse response, long nowMs) { }

    public virtual void OnEndQuorumEpochResponse(EndQuorumEpochResponse response, long nowMs) { }

    /// <summary>The leader of the current epoch is about to stop and named its successors.</summary>
    public virtual void OnLeaderResigned(int timeoutMs, long nowMs) { }

    /// <summary>Another role takes over: answer whoever still waits.</summary>
    public virtual void Leave() { }
}
